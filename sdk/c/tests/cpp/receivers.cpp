/* Receivers of classes. */
#include "tests.hpp"

#include <charconv>

namespace {

using namespace tests;
using sluicebox::batch;
using sluicebox::out;
using sluicebox::received;

constexpr sb_field counted[] = {sluicebox::field("n", SB_UINT64), sluicebox::nullable("text", SB_UTF8)};

struct settings {
    std::int64_t first = 0;
    std::int64_t n = 0;
};

constexpr sb_option keys[] = {SLUICEBOX_OPTION(settings, first), SLUICEBOX_REQUIRED(settings, n)};

/* How many objects there are, and the last position that was acknowledged. */
int alive;
std::string acknowledged;

/* Numbers, from the first or its position on. */
class counting {
  public:
    using options = settings;
    static constexpr auto name = "counting";
    static constexpr auto doc = "Counts.";
    static constexpr bool replayable = true;
    static constexpr sb_schema output = sluicebox::columns(counted);
    static constexpr sb_config config = sluicebox::config<settings>(keys);

    counting(const settings &settings, const sb_context &context)
        : next_(static_cast<std::uint64_t>(settings.first)), left_(settings.n), attempt_(context.attempt) {
        alive++;
    }
    ~counting() { alive--; }
    counting(const counting &) = delete;
    counting &operator=(const counting &) = delete;

    int open() { return left_ < 0 ? sluicebox::fail(SB_INVALID_CONFIG, "n is below 0") : static_cast<int>(SB_OK); }

    int start(std::optional<std::string_view> position) {
        if (position && std::from_chars(position->data(), position->data() + position->size(), next_).ptr == position->data())
            return sluicebox::fail(SB_FAILED, "no number begins with 100%d " + std::string(*position));
        return SB_OK;
    }

    int receive(received &received) {
        out to = received.rows();
        while (to.rows() < received.max_rows() && left_ > 0) {
            if (attempt_ == 9) return sluicebox::fail(SB_UNAVAILABLE, "not on attempt 9, after " + std::to_string(to.rows()) + " rows");
            to.put(0, next_++);
            if (left_-- % 2 == 0) to.put(1, FACE);
            to.end_row();
        }
        std::span<char> position = sluicebox::alloc<char>(24);
        received.stands_at({position.data(), std::to_chars(position.data(), position.data() + 24, next_).ptr});
        if (left_ == 0 && received.max_time_ms() == 10) received.end();
        return SB_OK;
    }

    int ack(std::string_view position) {
        if (position == "wrong") return sluicebox::fail(SB_FAILED, "nothing stands there");
        return acknowledged = position, SB_OK;
    }

  private:
    std::uint64_t next_;
    std::int64_t left_;
    std::uint32_t attempt_;
};

/* One that has neither a configuration nor `ack`, and ends at once. */
struct nothing {
    static constexpr auto name = "nothing";
    static constexpr auto doc = "";
    static constexpr bool replayable = false;
    static constexpr sb_schema output = sluicebox::columns(counted);

    int start(std::optional<std::string_view>) { return SB_OK; }
    int receive(received &received) { return received.end(), SB_OK; }
};

} // namespace

SLUICEBOX_RECEIVERS(sluicebox::receiver<counting>(), sluicebox::receiver<nothing>())

namespace {

struct chunk_result {
    std::uint8_t is_error;
    wire_batch rows;
    wire_list position;
    std::uint8_t ended;
};

struct described {
    wire_list name;
    wire_list doc;
    std::uint8_t replayable;
};

void *start(std::string_view name, std::string_view config, std::optional<std::string_view> position = {}, std::uint32_t attempt = 0) {
    sb_end_call();
    std::string_view after = position.value_or("");
    return sb_export_receiver_start("j", 1, "s", 1, 0, 0, 1, attempt, name.data(), name.size(), config.data(), config.size(),
                                    position.has_value(), after.data(), after.size());
}

chunk_result &receive(std::uint32_t max_rows) { return *static_cast<chunk_result *>(sb_export_receiver_receive(max_rows, 10)); }

void test_positions() {
    CHECK(is_well(start("counting", R"({"first": 9223372036854775806, "n": 5})")) && alive == 1);
    chunk_result &first = receive(3);
    CHECK(!first.is_error && !first.ended && bytes(first.position) == "9223372036854775809");
    batch rows = read(counting::output, first.rows);
    CHECK(rows.size() == 3 && rows[0].i64(0) == HIGHEST - 1 && rows[0].u64(2) == 0x8000000000000000);
    CHECK(rows[1].is_null(0) && rows[1].text(1) == FACE && rows[1].is_null(2));
    CHECK(is_well(sb_export_receiver_ack("9223372036854775809", 19)) && acknowledged == "9223372036854775809");
    chunk_result &rest = receive(3);
    CHECK(!rest.is_error && rest.ended && rest.rows.rows == 2);
    sb_export_receiver_stop();
    CHECK(alive == 0);

    /* The empty position is one. */
    CHECK(is_well(start("counting", R"({"n": 1})", "18446744073709551615")));
    batch last = read(counting::output, receive(9).rows);
    CHECK(last.size() == 1 && last[0].u64(0) == HIGHEST_UNSIGNED);
    sb_export_receiver_stop();
    CHECK(is_error(start("counting", R"({"n": 1})", ""), 2, "no number begins with 100%d "));
    sb_export_receiver_stop();
    CHECK(alive == 0);
}

void test_errors() {
    CHECK(is_error(start("counting", "{}"), 0, "n is missing: an integer"));
    CHECK(is_error(start("counting", R"({"n": -1})"), 0, "n is below 0"));
    sb_export_receiver_stop();
    CHECK(alive == 0);
    CHECK(is_error(start("count", "{}"), 2, "there is no receiver \"count\""));
    CHECK(is_well(start("counting", R"({"n": 1})", {}, 9)));
    CHECK(is_error(&receive(1), 3, "not on attempt 9, after 0 rows"));
    sb_end_call();
    CHECK(is_error(sb_export_receiver_ack("wrong", 5), 2, "nothing stands there"));
    sb_export_receiver_stop();
    CHECK(is_error(&receive(1), 2, "no receiver was started"));
    sb_end_call();
}

void test_least() {
    const wire_list &all = *static_cast<const wire_list *>(sb_export_receiver_describe());
    const described *each = static_cast<const described *>(all.data);
    CHECK(all.n == 2 && bytes(each[0].doc) == "Counts." && each[0].replayable && !each[1].replayable);
    CHECK(is_well(start("nothing", "{}")));
    chunk_result &answer = receive(1);
    CHECK(!answer.is_error && answer.ended && answer.rows.rows == 0 && answer.position.n == 0);
    CHECK(is_well(sb_export_receiver_ack("x", 1)));
    sb_export_receiver_stop();
}

} // namespace

void tests::test_receivers() {
    test_positions();
    test_errors();
    test_least();
}
