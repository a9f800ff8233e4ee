/* The highest scores of a key, as a text. */
#include <algorithm>
#include <charconv>
#include <sluicebox.hpp>
#include <string>

namespace {

using sluicebox::out;
using sluicebox::row;

struct settings {
    std::int64_t n = 10;
};

struct entry {
    std::string_view name;
    std::int64_t score;

    bool comes_before(const entry &other) const { return score != other.score ? score > other.score : name <= other.name; }
};

constexpr sb_option keys_of_settings[] = {SLUICEBOX_OPTION(settings, n)};
constexpr sb_field scored[] = {sluicebox::field("name", SB_UTF8), sluicebox::field("score", SB_INT64)};
constexpr sb_field text_item[] = {sluicebox::field("item", SB_UTF8)};
constexpr sb_field number_item[] = {sluicebox::field("item", SB_INT64)};
constexpr sb_field lists[] = {sluicebox::list("names", text_item), sluicebox::list("scores", number_item)};
constexpr sb_field text[] = {sluicebox::field("top", SB_UTF8)};

/* Sorted entries, no more than there may be, in memory of the call. */
struct top {
    using options = settings;
    static constexpr auto name = "top-n";
    static constexpr auto doc = "The names with the highest scores, as `name=score,...`: higher scores first, and of equal ones the name "
                                "that comes first by its bytes.";
    static constexpr sb_schema input = sluicebox::columns(scored);
    static constexpr sb_schema partial = sluicebox::columns(lists);
    static constexpr std::uint32_t version = 1;
    static constexpr sb_schema output = sluicebox::columns(text);
    static constexpr sb_config config = sluicebox::config<settings>(keys_of_settings);

    std::span<entry> entries;
    std::size_t length;

    int add(const settings &settings, row in) { return insert(settings, {in.text(0), in.i64(1)}); }

    int merge(const settings &settings, const top &part) {
        for (const entry &each : part.entries.first(part.length)) {
            if (int returned = insert(settings, each); returned != SB_OK) return returned;
        }
        return SB_OK;
    }

    int save(out &to) const {
        sluicebox::builder names = to.column(0), scores = to.column(1);
        for (const entry &each : entries.first(length)) {
            names.child().append(each.name);
            scores.child().append(each.score);
        }
        names.append_nested();
        scores.append_nested();
        return SB_OK;
    }

    int load(row in) {
        sluicebox::column names = in.column(0), scores = in.column(1);
        sb_items items = names.items(in.number()), of_scores = scores.items(in.number());
        length = items.end - items.first;
        entries = sluicebox::alloc<entry>(length);
        for (std::uint32_t i = 0; i < length; i++)
            entries[i] = {names.child().text(items.first + i), scores.child().i64(of_scores.first + i)};
        return SB_OK;
    }

    int finish(out &to) const {
        std::string all;
        for (const entry &each : entries.first(length)) {
            if (&each != entries.data()) all += ',';
            char digits[24];
            all.append(each.name).append("=").append(digits, std::to_chars(digits, std::end(digits), each.score).ptr);
        }
        to.put(0, std::string_view(all));
        return SB_OK;
    }

  private:
    int insert(const settings &settings, entry added) {
        if (settings.n < 1) return sb_fail(SB_INVALID_CONFIG, "n is %lld; it is at least 1", static_cast<long long>(settings.n));
        std::size_t at = length;
        while (at > 0 && !entries[at - 1].comes_before(added))
            at--;
        if (at >= static_cast<std::uint64_t>(settings.n)) return SB_OK;
        if (length == entries.size()) {
            std::span<entry> grown = sluicebox::alloc<entry>(length == 0 ? 8 : 2 * length);
            std::copy(entries.begin(), entries.end(), grown.begin());
            entries = grown;
        }
        std::copy_backward(entries.begin() + at, entries.begin() + length, entries.begin() + length + 1);
        entries[at] = added;
        if (length < static_cast<std::uint64_t>(settings.n)) length++;
        return SB_OK;
    }
};

} // namespace

SLUICEBOX_AGGREGATES(sluicebox::aggregate<top>())
