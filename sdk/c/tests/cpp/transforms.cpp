/* Transforms of classes: of each kind, by rows and by whole columns. */
#include "tests.hpp"

namespace {

using namespace tests;
using sluicebox::batch;
using sluicebox::chunk;
using sluicebox::out;
using sluicebox::row;

constexpr sb_field a_text[] = {sluicebox::field("", SB_UTF8)};
constexpr sb_field perhaps_text[] = {sluicebox::nullable("line", SB_UTF8)};
constexpr sb_field word[] = {sluicebox::field("word", SB_UTF8)};
constexpr sb_schema text_column = sluicebox::columns(perhaps_text);
constexpr sb_schema word_column = sluicebox::columns(word);

struct casing {
    bool shout = false;
    std::int64_t at_most = 20;
};

constexpr sb_option keys_of_casing[] = {SLUICEBOX_OPTION(casing, shout), SLUICEBOX_OPTION(casing, at_most)};

/* A map by rows, that is made of its options: a line with a mark. What goes wrong does so by what a line says. */
struct mark {
    using options = casing;
    static constexpr auto name = "mark";
    static constexpr auto doc = "Marked.";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema output = word_column;
    static constexpr sb_config config = sluicebox::config<casing>(keys_of_casing);

    explicit mark(const casing &casing) : casing_(casing) {}

    int operator()(row in, out &to) {
        std::string_view text = in.text(0);
        if (text == "fail") return sluicebox::fail(SB_UNAVAILABLE, "it said 100%s " + std::string(FACE));
        if (text == "silent") return SB_INVALID_INPUT;
        if (text == "number") to.put(0, 1);
        if (text == "both") to.put(0, text);
        if (text.size() > static_cast<std::size_t>(casing_.at_most) || text == "both")
            return sluicebox::reject("100%d: " + std::string(text));
        to.put(0, std::string_view(std::string(text) + (casing_.shout ? "!" : ".")));
        return SB_OK;
    }

  private:
    const casing &casing_;
};

/* A flat-map by rows: words. */
struct words {
    static constexpr auto name = "words";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema output = word_column;

    int operator()(row in, out &to) {
        sb_text rest = sluicebox::text(in.text(0)), part;
        while (sb_text_split(&rest, ' ', &part)) {
            to.put(0, sluicebox::view(part));
            if (part.size > 0) to.end_row();
        }
        return SB_OK;
    }
};

/* The same by whole columns, which takes nulls. */
constexpr sb_field any_text[] = {sluicebox::nullable("", SB_UTF8)};

struct column_words {
    static constexpr auto name = "column-words";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(any_text);
    static constexpr sb_schema output = word_column;

    int operator()(const batch &in, chunk &made) {
        out to = made.out();
        for (std::uint32_t row = 0; row < in.size(); row++) {
            sb_text rest = sluicebox::text(in[0].is_null(row) ? std::string_view() : in[0].text(row)), part;
            while (sb_text_split(&rest, ' ', &part)) {
                to.put(0, sluicebox::view(part));
                to.end_row();
            }
            made.end();
            if (in[0].is_null(row)) made.reject(row, "100%d: null");
        }
        return SB_OK;
    }
};

/* Filters, by rows and by whole columns. */
struct is_long {
    static constexpr auto name = "long";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);

    int operator()(row in, out &) { return in.text(0).size() > 3 ? SB_KEEP : SB_OK; }
};

struct is_short {
    static constexpr auto name = "short";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);

    int operator()(const batch &in, chunk &made) {
        for (std::uint32_t row = 0; row < in.size(); row++) {
            if (in[0].text(row).size() <= 3) made.keep(row);
        }
        return SB_OK;
    }
};

/* Partitions with what is held back to their end. Objects are counted, and the last one's context is kept. */
int alive;

struct last {
    using options = casing;
    static constexpr auto name = "last";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema output = word_column;
    static constexpr sb_config config = sluicebox::config<casing>(keys_of_casing);

    /* A transform may refuse what it is bound to. */
    static int bind(const casing &casing, const sb_schema &input, sb_binding &binding) {
        if (casing.at_most < 1) return sluicebox::fail(SB_INVALID_CONFIG, "at-most is below 1");
        if (input.n_fields != binding.n_columns) return sluicebox::fail(SB_INVALID_INPUT, "not all columns are read");
        return SB_OK;
    }

    last(const casing &casing, const sb_context &context)
        : casing_(casing), where_(std::string(sluicebox::view(context.stream)) + std::to_string(context.partition) + "of" +
                                  std::to_string(context.partitions) + "try" + std::to_string(context.attempt) + "at" +
                                  std::to_string(context.batch_time_ms)) {
        alive++;
    }
    ~last() { alive--; }
    last(const last &) = delete;
    last &operator=(const last &) = delete;

    int open() { return casing_.at_most == 7 ? sluicebox::fail(SB_UNAVAILABLE, "no 7 today") : static_cast<int>(SB_OK); }

    int operator()(row in, out &) { return held_.emplace_back(in.text(0)), SB_OK; }

    int finish(out &to) {
        held_.push_back(where_);
        for (const std::string &each : held_) {
            if (done_) break;
            to.put(0, std::string_view(each));
            to.end_row();
        }
        done_ = true;
        return SB_OK;
    }

  private:
    casing casing_;
    std::string where_;
    std::vector<std::string> held_;
    bool done_ = false;
};

} // namespace

SLUICEBOX_TRANSFORMS(sluicebox::map<mark>(), sluicebox::flat_map<words>(), sluicebox::flat_map<column_words>(),
                     sluicebox::filter<is_long>(), sluicebox::filter<is_short>(), sluicebox::map_partitions<last>())

namespace {

/* What `process` and `finish` answer, as wit/ has it. */
struct output_result {
    std::uint8_t is_error;
    struct {
        std::uint8_t tag;
        union {
            wire_batch made;
            struct {
                wire_batch rows;
                wire_list ends;
            } expanded;
            wire_list kept;
        } of;
    } rows;
    wire_list rejected;
};

struct rejection {
    std::uint32_t row;
    wire_list reason;
};

struct finish_result {
    std::uint8_t is_error;
    struct {
        std::uint8_t some;
        wire_batch batch;
    } rows;
};

void *bind(std::string_view name, std::string_view config) {
    wire_list fields = schema_to_wire(perhaps_text, 1);
    return sb_export_transform_bind(name.data(), name.size(), config.data(), config.size(), fields.data, fields.n);
}

void *open(std::string_view name, std::string_view config = "{}") {
    sb_end_call();
    wire_list fields = schema_to_wire(perhaps_text, 1);
    return sb_export_transform_open("j", 1, "lines", 5, LOWEST, 2, 5, 3, name.data(), name.size(), config.data(), config.size(),
                                    fields.data, fields.n);
}

/* Lines; those without data are null. */
output_result &process(const std::vector<std::string_view> &lines) {
    wire_batch rows = given(text_column, [&](out to) {
        for (std::string_view each : lines) {
            if (each.data() != nullptr) to.put(0, each);
            to.end_row();
        }
    });
    return *static_cast<output_result *>(
        sb_export_transform_process(rows.rows, rows.nodes.data, rows.nodes.n, rows.buffers.data, rows.buffers.n));
}

/* Texts, and reasons, in one. */
std::string joined(const wire_batch &rows) {
    std::string all;
    batch read_rows = read(word_column, rows);
    for (row each : read_rows.rows())
        all.append(each.text(0)).append("|");
    return all;
}

std::string joined(const wire_list &rejected) {
    std::string all;
    for (std::size_t i = 0; i < rejected.n; i++) {
        const rejection &each = static_cast<const rejection *>(rejected.data)[i];
        all.append(std::to_string(each.row)).append(":").append(bytes(each.reason)).append("|");
    }
    return all;
}

const std::vector<std::string_view> LINES = {"a b", "", {}, FACE, "as long as no line may be"};

void test_map() {
    CHECK(is_well(open("mark")));
    output_result &made = process(LINES);
    CHECK(!made.is_error && made.rows.tag == 0 && joined(made.rows.of.made) == "a b.|.|\xf0\x9f\x98\x80.|");
    CHECK(joined(made.rejected) == "2:column \"line\" is null, and the operator takes no null there|4:100%d: as long as no line may be|");
    CHECK(is_well(open("mark", R"({"shout": true, "at-most": 30})")));
    CHECK(joined(process({"a", "as long as no line may be"}).rows.of.made) == "a!|as long as no line may be!|");
    output_result &none = process({});
    CHECK(!none.is_error && none.rows.of.made.rows == 0 && none.rejected.n == 0);
    sb_end_call();
}

void test_errors() {
    struct {
        std::string_view line;
        int kind;
        const char *message;
    } wrong[] = {
        {"fail", 3, "it said 100%s \xf0\x9f\x98\x80"},
        {"silent", 1, "a function returned -2 without a message"},
        {"number", 2, "column \"word\" is utf8, and an integer is put into it"},
        {"both", 2, "row 1 is rejected after some of its values were put"},
    };
    for (const auto &each : wrong) {
        CHECK(is_well(open("mark")));
        CHECK(is_error(&process({"a", each.line}), each.kind, each.message));
    }
    CHECK(is_error(open("marc"), 2, "there is no transform \"marc\""));
    CHECK(is_error(open("mark", R"({"loud": true})"), 0, "unknown key \"loud\"; there is shout, at-most"));
    CHECK(is_error(open("mark", R"({"at-most": "few"})"), 0, "at-most is not an integer"));
    CHECK(is_error(open("words", R"({"at-most": 1})"), 0, "unknown key \"at-most\"; there is no keys"));
    CHECK(is_well(open("words")));
    CHECK(is_error(&process({"a", "b  "}), 2, "what was put of row 1 wasn't ended by sb_end_row"));
    sb_end_call();
}

void test_flat_maps() {
    CHECK(is_well(open("words")));
    output_result &made = process({"a b c", {}, "", FACE});
    CHECK(!made.is_error && made.rows.tag == 1 && joined(made.rows.of.expanded.rows) == "a|b|c|\xf0\x9f\x98\x80|");
    CHECK((places(made.rows.of.expanded.ends) == std::vector<std::uint32_t>{3, 3, 3, 4}));
    CHECK(joined(made.rejected).starts_with("1:column \"line\" is null"));
    CHECK(is_well(open("column-words")));
    output_result &whole = process({"a b c", {}, "", FACE});
    CHECK(!whole.is_error && joined(whole.rows.of.expanded.rows) == "a|b|c|\xf0\x9f\x98\x80|");
    CHECK((places(whole.rows.of.expanded.ends) == std::vector<std::uint32_t>{3, 3, 3, 4}));
    CHECK(joined(whole.rejected) == "1:100%d: null|");
    sb_end_call();
}

void test_filters() {
    CHECK(is_well(open("long")));
    output_result &by_rows = process(LINES);
    CHECK(!by_rows.is_error && by_rows.rows.tag == 2 && (places(by_rows.rows.of.kept) == std::vector<std::uint32_t>{3, 4}));
    CHECK(joined(by_rows.rejected).starts_with("2:column \"line\" is null"));
    CHECK(is_well(open("short")));
    CHECK((places(process({"a", "bcde", ""}).rows.of.kept) == std::vector<std::uint32_t>{0, 2}));
    CHECK(is_error(&process(LINES), 2, "a column is null in a row, and the operator, which works on whole columns, takes no null there"));
    sb_end_call();
}

void test_partitions() {
    CHECK(is_well(bind("last", "{}")));
    sb_end_call();
    CHECK(is_error(bind("last", R"({"at-most": 0})"), 0, "at-most is below 1"));
    sb_end_call();
    CHECK(alive == 0 && is_well(open("last")) && alive == 1);
    CHECK(process({"a", FACE}).rows.of.made.rows == 0 && alive == 1);
    finish_result &end = *static_cast<finish_result *>(sb_export_transform_finish());
    CHECK(!end.is_error && end.rows.some);
    CHECK(joined(end.rows.batch) == "a|\xf0\x9f\x98\x80|lines2of5try3at-9223372036854775808|");
    /* Objects are destroyed when nothing comes any more, and when another partition begins. */
    CHECK(alive == 1 && !static_cast<finish_result *>(sb_export_transform_finish())->rows.some && alive == 0);
    CHECK(is_well(open("last")) && is_well(open("last")) && alive == 1);
    CHECK(is_error(open("last", R"({"at-most": 7})"), 3, "no 7 today"));
    CHECK(is_well(open("words")) && alive == 0);
    sb_end_call();
}

} // namespace

void tests::test_transforms() {
    test_map();
    test_errors();
    test_flat_maps();
    test_filters();
    test_partitions();
}
