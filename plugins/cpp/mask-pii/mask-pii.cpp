/* Texts of which only the end is shown: what must not be read by those who read
 * the stream. */
#include <algorithm>
#include <sluicebox.hpp>
#include <string>

namespace {

using sluicebox::batch;
using sluicebox::builder;
using sluicebox::chunk;
using sluicebox::column;

struct settings {
    sb_texts columns = {};
    std::int64_t keep = 4;
    sb_text mask = {"*", 1};

    bool are_to_mask(std::string_view name) const {
        return std::any_of(columns.texts, columns.texts + columns.n, [&](sb_text of) { return sluicebox::view(of) == name; });
    }
};

constexpr sb_option keys_of_settings[] = {SLUICEBOX_REQUIRED(settings, columns), SLUICEBOX_OPTION(settings, keep),
                                          SLUICEBOX_OPTION(settings, mask)};

/* Characters, Unicode's scalar values: bytes that don't go on with one. */
bool begins(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

std::size_t characters(std::string_view text) { return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins)); }

struct mask_pii {
    using options = settings;
    static constexpr auto name = "mask-pii";
    static constexpr auto doc = "Rows with all characters of some columns' texts masked, but for the "
                                "last; nulls and other columns are left as "
                                "they are.";
    static constexpr sb_schema input = sluicebox::any_columns();
    static constexpr sb_config config = sluicebox::config<settings>(keys_of_settings);

    static int bind(const settings &settings, const sb_schema &input, sb_binding &binding) {
        if (characters(sluicebox::view(settings.mask)) != 1) return sluicebox::fail(SB_INVALID_CONFIG, "mask is not one character");
        if (settings.keep < 0) return sluicebox::fail(SB_INVALID_CONFIG, "keep is " + std::to_string(settings.keep) + "; it is at least 0");
        std::span fields(input.fields, input.n_fields);
        for (sb_text each : std::span(settings.columns.texts, settings.columns.n)) {
            std::string name(sluicebox::view(each));
            auto found = std::find_if(fields.begin(), fields.end(), [&](const sb_field &field) { return field.name == name; });
            if (found == fields.end()) return sluicebox::fail(SB_INVALID_CONFIG, "columns: the stream has no column `" + name + "`");
            if (found->type != SB_UTF8)
                return sluicebox::fail(SB_INVALID_INPUT, "column `" + name + "` is not a string, and only those are masked");
        }
        binding.output = input.fields;
        binding.n_output = input.n_fields;
        return SB_OK;
    }

    explicit mask_pii(const settings &settings) : settings_(settings) {}

    int operator()(const batch &in, chunk &made) {
        for (std::uint32_t i = 0; i < in.n_columns(); i++) {
            builder into = made.out().column(i);
            if (settings_.are_to_mask(in[i].name())) {
                mask(in[i], into);
            } else {
                into.take(in[i]);
            }
        }
        return SB_OK;
    }

  private:
    void mask(column from, builder &into) {
        for (std::uint32_t row = 0; row < from.size(); row++) {
            if (from.is_null(row)) {
                into.append_null();
                continue;
            }
            std::string_view given = from.text(row);
            std::size_t n = characters(given), keep = static_cast<std::size_t>(std::min<std::uint64_t>(n, settings_.keep)),
                        hidden = n - keep;
            masked_.clear();
            for (std::size_t i = 0; i < hidden; i++)
                masked_.append(sluicebox::view(settings_.mask));
            /* From the first character that is shown on. */
            auto seen = std::size_t{0};
            auto shown = std::find_if(given.begin(), given.end(), [&](char byte) { return begins(byte) && seen++ == hidden; });
            masked_.append(shown, given.end());
            into.append(std::string_view(masked_));
        }
    }

    const settings &settings_;
    std::string masked_;
};

} // namespace

SLUICEBOX_TRANSFORMS(sluicebox::transform<mask_pii>(SB_MAP_ROWS))
