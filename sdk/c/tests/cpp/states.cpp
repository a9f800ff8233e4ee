/* Operators over keyed state of classes. */
#include "tests.hpp"

namespace {

using namespace tests;
using sluicebox::batch;
using sluicebox::key;
using sluicebox::out;
using sluicebox::row;

constexpr sb_field a_text[] = {sluicebox::field("", SB_UTF8)};
constexpr sb_field a_number[] = {sluicebox::field("", SB_INT64)};
constexpr sb_field name_field[] = {sluicebox::nullable("name", SB_UTF8)};
constexpr sb_field number_field[] = {sluicebox::nullable("n", SB_INT64)};
constexpr sb_field total[] = {sluicebox::field("total", SB_INT64)};
constexpr sb_schema names = sluicebox::columns(name_field);
constexpr sb_schema numbers_of = sluicebox::columns(number_field);

struct settings {
    std::int64_t remove_at = 0;
};

constexpr sb_option keys_of_settings[] = {SLUICEBOX_OPTION(settings, remove_at)};

/* A number of each key. */
struct count_up {
    using options = settings;
    using kept = std::int64_t;
    static constexpr auto name = "count-up";
    static constexpr auto doc = "";
    static constexpr sb_schema keys = sluicebox::columns(a_text);
    static constexpr sb_schema input = sluicebox::columns(a_number);
    static constexpr sb_schema state = sluicebox::columns(total);
    static constexpr std::uint32_t version = 2;
    static constexpr sb_config config = sluicebox::config<settings>(keys_of_settings);

    static int update(const settings &settings, key<std::int64_t> &key) {
        std::uint64_t now = static_cast<std::uint64_t>(key.state().value_or(0));
        for (row each : key.values()) {
            if (each.i64(0) == 13) return sluicebox::fail(SB_FAILED, "100%d of " + std::string(key.columns().text(0)));
            now += each.u64(0);
        }
        if (static_cast<std::int64_t>(now) == settings.remove_at) {
            key.remove();
        } else {
            key.keep(static_cast<std::int64_t>(now));
        }
        if (now == 99) key.keep(99);
        if (now == 98) key.remove();
        return SB_OK;
    }

    static int migrate(std::uint32_t version, row old, std::int64_t &now) {
        if (version != 1) return sluicebox::fail(SB_FAILED, "no way from version " + std::to_string(version));
        return now = old.i64(0) * 10, SB_OK;
    }
};

/* A text of each key, which is emitted as it becomes longer, and when the key has rested too long. */
constexpr sb_field texts_kept[] = {sluicebox::field("text", SB_UTF8)};
constexpr sb_field emitted[] = {sluicebox::field("key", SB_UTF8), sluicebox::nullable("text", SB_UTF8)};

struct text_kept {
    std::string text;

    int load(row in) {
        if (in.text(0) == "unreadable") return SB_FAILED;
        return text = in.text(0), SB_OK;
    }
    int save(out &to) const {
        if (text == "unwritable") return sluicebox::fail(SB_UNAVAILABLE, "it won't be written");
        return to.put(0, std::string_view(text)), SB_OK;
    }
};

struct collect {
    using kept = text_kept;
    static constexpr auto name = "collect";
    static constexpr auto doc = "";
    static constexpr sb_schema keys = sluicebox::columns(a_text);
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema state = sluicebox::columns(texts_kept);
    static constexpr std::uint32_t version = 1;
    static constexpr sb_schema output = sluicebox::columns(emitted);
    static constexpr std::uint64_t timeout_ms = HIGHEST_UNSIGNED;

    static int update(key<text_kept> &key) {
        text_kept now = key.state().value_or(text_kept{});
        for (row each : key.values())
            now.text.append(each.text(0));
        out to = key.emitted();
        to.put(0, key.columns().text(0));
        if (!key.timed_out()) to.put(1, std::string_view(now.text));
        to.end_row();
        if (now.text == "open") to.put(0, "half a row");
        if (!key.timed_out() || now.text == "stay") key.keep(now);
        return SB_OK;
    }
};

} // namespace

SLUICEBOX_STATES(sluicebox::update_state_by_key<count_up>(), sluicebox::map_with_state<collect>())

namespace {

/* As wit/ has them. */
struct work {
    wire_batch keys;
    wire_batch values;
    wire_list value_ends;
    wire_batch old;
    wire_list old_keys;
    wire_list timed_out;
};

struct outcome_result {
    std::uint8_t is_error;
    wire_batch state;
    wire_list state_keys;
    wire_list removed;
    wire_batch emitted;
};

struct binding_result {
    std::uint8_t is_error;
    struct alignas(8) {
        wire_list columns;
        wire_list state;
        std::uint32_t state_version;
        wire_list output;
        struct {
            std::uint8_t some;
            alignas(8) std::uint64_t ms;
        } timeout;
    } binding;
};

wire_list fields_of(const sb_schema &schema) { return schema_to_wire(schema.fields, schema.n_fields); }

void *open(std::string_view name, const sb_schema &values, std::string_view config = "{}") {
    sb_end_call();
    wire_list of_keys = fields_of(names), of_values = fields_of(values);
    return sb_export_state_open("j", 1, "s", 1, 0, 0, 1, 0, name.data(), name.size(), config.data(), config.size(), of_keys.data, of_keys.n,
                                of_values.data, of_values.n);
}

wire_batch texts(const sb_schema &schema, const std::vector<std::string_view> &all) {
    return given(schema, [&](out to) {
        for (std::string_view each : all) {
            if (each.data() != nullptr) to.put(0, each);
            to.end_row();
        }
    });
}

using list = std::vector<std::uint32_t>;

wire_list places_of(const list &all) {
    std::span<std::uint32_t> made = sluicebox::alloc<std::uint32_t>(all.size());
    std::copy(all.begin(), all.end(), made.begin());
    return {made.data(), all.size()};
}

outcome_result &update(const std::vector<std::string_view> &keys, const wire_batch &values, const list &ends, const wire_batch &old,
                       const list &old_keys, const list &timed_out = {}) {
    work given{texts(names, keys), values, places_of(ends), old, places_of(old_keys), places_of(timed_out)};
    return *static_cast<outcome_result *>(sb_export_state_update(&given));
}

void test_numbers() {
    CHECK(is_well(open("count-up", numbers_of)));
    /* A new key, one that has state, one whose state goes, and one that is told of nothing. */
    outcome_result &answer = update({"", FACE, "c", "d"}, numbers(numbers_of, {LOWEST, HIGHEST, 1, 2, -3}), {2, 3, 5, 5},
                                    numbers(count_up::state, {41, 1, 5}), {1, 2, 3});
    CHECK(!answer.is_error && (places(answer.state_keys) == list{0, 1, 3}) && (places(answer.removed) == list{2}));
    batch state = read(count_up::state, answer.state);
    CHECK(state.size() == 3 && state[0].i64(0) == -1 && state[0].i64(1) == 42 && state[0].i64(2) == 5);
    CHECK(is_well(open("count-up", numbers_of, R"({"remove-at": -9223372036854775808})")));
    outcome_result &lowest = update({"a", "b"}, numbers(numbers_of, {LOWEST, 0}), {1, 2}, numbers(count_up::state, {}), {});
    CHECK((places(lowest.removed) == list{0}) && (places(lowest.state_keys) == list{1}));
    outcome_result &nothing = update({}, numbers(numbers_of, {}), {}, numbers(count_up::state, {}), {});
    CHECK(!nothing.is_error && nothing.state.rows == 0 && nothing.state_keys.n == 0);
    sb_end_call();
}

void test_texts() {
    CHECK(is_well(open("collect", names)));
    outcome_result &answer =
        update({"a", "b", "c"}, texts(names, {FACE, "", "x"}), {1, 3, 3}, texts(collect::state, {"before ", "old"}), {0, 2}, {2});
    CHECK(!answer.is_error && (places(answer.state_keys) == list{0, 1}) && answer.removed.n == 0);
    batch state = read(collect::state, answer.state), sent = read(collect::output, answer.emitted);
    CHECK(state[0].text(0) == "before \xf0\x9f\x98\x80" && state[0].text(1) == "x");
    CHECK(sent.size() == 3 && sent[0].text(1) == "b" && sent[1].text(1) == "x" && sent[0].text(2) == "c" && sent[1].is_null(2));
    sb_end_call();
}

void test_errors() {
    wire_batch none{};
    auto counted = [&](std::int64_t value, const char *message) {
        CHECK(is_well(open("count-up", numbers_of)));
        none = numbers(count_up::state, {});
        CHECK(is_error(&update({"k"}, numbers(numbers_of, {value}), {1}, none, {}), 2, message));
    };
    counted(13, "100%d of k");
    counted(99, "a key has one row of state, and got 2");
    counted(98, "a key's state is both put and removed");
    CHECK(is_well(open("count-up", numbers_of)));
    wire_batch null = given(numbers_of, [](out to) { to.end_row(); });
    CHECK(is_error(&update({"k"}, null, {1}, numbers(count_up::state, {}), {}), 2, "value 0: column \"n\" is null"));
    CHECK(is_well(open("count-up", numbers_of)));
    CHECK(is_error(&update({{}}, numbers(numbers_of, {1}), {1}, numbers(count_up::state, {}), {}), 2, "key 0: column \"name\" is null"));

    auto collected = [](std::string_view value, std::string_view old, const list &timed_out, int kind, const char *message) {
        CHECK(is_well(open("collect", names)));
        CHECK(is_error(&update({"k"}, texts(names, {value}), {1}, texts(collect::state, {old}), {0}, timed_out), kind, message));
    };
    collected("", "unreadable", {}, 2, "state can't be read");
    collected("unwritable", "", {}, 3, "it won't be written");
    collected("open", "", {}, 2, "what was put to be emitted wasn't ended by sb_end_row");
    collected("stay", "", {0}, 2, "a key that has timed out can't get new state");
    CHECK(is_error(open("collected", names), 2, "there is no stateful operator \"collected\""));
    CHECK(is_error(open("count-up", numbers_of, R"({"remove-at": "never"})"), 0, "remove-at is not an integer"));
    sb_end_call();
}

void test_migrations() {
    CHECK(is_well(open("count-up", numbers_of)));
    auto migrate = [](std::uint32_t version) {
        wire_batch old = numbers(count_up::state, {1, -2});
        wire_list fields = fields_of(count_up::state);
        return static_cast<wire_result *>(sb_export_state_migrate(version, fields.data, fields.n, old.rows, old.nodes.data, old.nodes.n,
                                                                  old.buffers.data, old.buffers.n));
    };
    wire_result *answer = migrate(1);
    CHECK(!answer->is_error);
    batch now = read(count_up::state, answer->of.batch);
    CHECK(now.size() == 2 && now[0].i64(0) == 10 && now[0].i64(1) == -20);
    CHECK(is_error(migrate(7), 2, "no way from version 7"));
    CHECK(is_well(open("collect", names)));
    CHECK(is_error(migrate(0), 2, "\"collect\" knows no state of version 0"));
    sb_end_call();
}

void test_bindings() {
    auto bind = [](std::string_view name, const sb_schema &values) {
        wire_list of_keys = fields_of(names), of_values = fields_of(values);
        return static_cast<const binding_result *>(
            sb_export_state_bind(name.data(), name.size(), "{}", 2, of_keys.data, of_keys.n, of_values.data, of_values.n));
    };
    const binding_result &counted = *bind("count-up", numbers_of), &collected = *bind("collect", names);
    CHECK(!counted.is_error && counted.binding.state_version == 2 && counted.binding.output.n == 0 && !counted.binding.timeout.some);
    CHECK(!collected.is_error && collected.binding.output.n == 2 && collected.binding.state.n == 1);
    CHECK(collected.binding.timeout.some && collected.binding.timeout.ms == HIGHEST_UNSIGNED);
    sb_end_call();
}

} // namespace

void tests::test_states() {
    test_numbers();
    test_texts();
    test_errors();
    test_migrations();
    test_bindings();
}
