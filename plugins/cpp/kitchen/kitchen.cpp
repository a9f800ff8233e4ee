/* What the tests look at of the SDK beside the plugins that other languages have too: every kind of operator, and everything that can go
 * wrong. */
#include <cstdio>
#include <cstring>
#include <map>
#include <sluicebox.hpp>
#include <string>

namespace {

using sluicebox::batch;
using sluicebox::key;
using sluicebox::out;
using sluicebox::row;

constexpr sb_field a_text[] = {sluicebox::field("", SB_UTF8)};
constexpr sb_field a_number[] = {sluicebox::field("", SB_INT64)};
constexpr sb_field line[] = {sluicebox::field("line", SB_UTF8)};

/* Lines that are longer than three bytes: by whole columns. */
struct is_long {
    static constexpr auto name = "long";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);

    int operator()(const batch &in, sluicebox::chunk &made) {
        for (std::uint32_t row = 0; row < in.size(); row++) {
            if (in[0].is_null(row)) {
                made.reject(row, "it is null");
            } else if (in[0].text(row).size() > 3) {
                made.keep(row);
            }
        }
        return SB_OK;
    }
};

/* Lines with their partition and number, and how many they were at the end. */
constexpr sb_field numbered[] = {sluicebox::field("partition", SB_UINT32), sluicebox::field("number", SB_INT64),
                                 sluicebox::field("line", SB_UTF8)};

class number {
  public:
    static constexpr auto name = "number";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema output = sluicebox::columns(numbered);

    explicit number(const sb_context &context) : partition_(context.partition) {}

    int operator()(row in, out &to) {
        put(to, in.text(0));
        rows_++;
        sluicebox::count("numbered", 1);
        return SB_OK;
    }

    int finish(out &to) {
        if (!told_) put(to, "in all");
        told_ = true;
        return SB_OK;
    }

  private:
    void put(out &to, std::string_view line) {
        to.put(0, partition_);
        to.put(1, rows_);
        to.put(2, line);
        to.end_row();
    }

    std::uint32_t partition_;
    std::int64_t rows_ = 0;
    bool told_ = false;
};

/* The call goes on in here, so that a stack has more than one function. */
[[gnu::noinline]] std::size_t length_of(const std::string_view *text) { return text->size(); }

/* What can go wrong with a line, by what it says. */
struct go_wrong {
    static constexpr auto name = "go-wrong";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema output = sluicebox::columns(line);

    int operator()(row in, out &to) {
        std::string_view text = in.text(0), *nowhere = nullptr;
        if (text == "null pointer") text = text.substr(length_of(nowhere));
        if (text == "fail") return sluicebox::fail(SB_FAILED, "it said fail");
        if (text == "reject") return sluicebox::reject("it said reject");
        if (text == "wrong type") to.put(0, 1);
        if (text == "twice") to.put(0, text);
        if (text == "print") {
            std::puts("this was printed");
            std::fflush(stdout);
        }
        to.put(0, text);
        return SB_OK;
    }
};

/* A key with its city, by the job's table `cities`, and with the job's value `motto`. */
constexpr sb_field city[] = {sluicebox::field("key", SB_UTF8), sluicebox::nullable("city", SB_UTF8)};
constexpr sb_field located[] = {sluicebox::field("key", SB_UTF8), sluicebox::nullable("city", SB_UTF8),
                                sluicebox::nullable("motto", SB_UTF8)};
constexpr sb_schema city_columns = sluicebox::columns(city);

class locate {
  public:
    static constexpr auto name = "locate";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema output = sluicebox::columns(located);

    int open() {
        sluicebox::table table;
        if (int opened = table.open("cities", city_columns); opened < 0) return opened;
        for (batch rows; table.next(rows);) {
            for (row each : rows.rows()) {
                if (!each.is_null(1)) cities_.emplace(each.text(0), each.text(1));
            }
        }
        if (auto motto = sluicebox::broadcast("motto")) motto_ = *motto;
        return SB_OK;
    }

    int operator()(row in, out &to) {
        std::string key(in.text(0));
        to.put(0, key);
        if (auto city = cities_.find(key); city != cities_.end()) to.put(1, city->second);
        if (motto_) to.put(2, *motto_);
        to.end_row();
        return SB_OK;
    }

  private:
    std::map<std::string, std::string> cities_;
    std::optional<std::string> motto_;
};

/* How many rows the table `many` has, and the sum of its column `n`. */
constexpr sb_field n[] = {sluicebox::field("n", SB_INT64)};
constexpr sb_field surveyed[] = {sluicebox::field("rows", SB_UINT64), sluicebox::field("sum", SB_INT64)};
constexpr sb_schema n_column = sluicebox::columns(n);

struct survey {
    static constexpr auto name = "survey";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema output = sluicebox::columns(surveyed);

    int operator()(row, out &to) {
        sluicebox::table many;
        std::int64_t n_rows = 0, sum = 0;
        if (int opened = many.open("many", n_column); opened < 0) return opened;
        for (batch rows; many.next(rows); n_rows += rows.size()) {
            for (std::int64_t each : rows[0].values<std::int64_t>())
                sum += each;
        }
        to.put(0, n_rows);
        to.put(1, sum);
        return SB_OK;
    }
};

/* How often a key has come, and its last value; the value `forget` removes it. */
constexpr sb_field latest_columns[] = {sluicebox::field("count", SB_INT64), sluicebox::field("last", SB_UTF8)};

struct last_value {
    std::int64_t count;
    std::string last;

    int load(row in) { return count = in.i64(0), last = in.text(1), SB_OK; }
    int save(out &to) const {
        to.put(0, count);
        to.put(1, last);
        return SB_OK;
    }
};

struct latest {
    using kept = last_value;
    static constexpr auto name = "latest";
    static constexpr auto doc = "";
    static constexpr sb_schema keys = sluicebox::columns(a_text);
    static constexpr sb_schema input = sluicebox::columns(a_text);
    static constexpr sb_schema state = sluicebox::columns(latest_columns);
    static constexpr std::uint32_t version = 1;

    static int update(key<last_value> &key) {
        if (key.values().empty()) return SB_OK;
        last_value now = key.state().value_or(last_value{});
        for (row each : key.values()) {
            now.count++;
            now.last = each.text(0);
        }
        if (now.last == "forget") {
            key.remove();
        } else {
            key.keep(now);
        }
        return SB_OK;
    }
};

/* The sum of a key's values, and who saw it before: what `chameleon` keeps since the second version of its state. */
constexpr std::int64_t us = -1;
constexpr sb_field total_columns[] = {sluicebox::field("sum", SB_INT64), sluicebox::field("seen", SB_INT64)};
constexpr sb_field totalled[] = {sluicebox::field("key", SB_INT64), sluicebox::field("sum", SB_INT64), sluicebox::field("seen", SB_INT64)};

struct sum {
    std::int64_t sum, seen;

    int load(row in) { return sum = in.i64(0), seen = in.i64(1), SB_OK; }
    int save(out &to) const {
        to.put(0, sum);
        to.put(1, seen);
        return SB_OK;
    }
};

struct total {
    using kept = sum;
    static constexpr auto name = "total";
    static constexpr auto doc = "";
    static constexpr sb_schema keys = sluicebox::columns(a_number);
    static constexpr sb_schema input = sluicebox::columns(a_number);
    static constexpr sb_schema state = sluicebox::columns(total_columns);
    static constexpr std::uint32_t version = 2;
    static constexpr sb_schema output = sluicebox::columns(totalled);

    static int update(key<sum> &key) {
        if (key.values().empty()) return SB_OK;
        sum now = key.state().value_or(sum{0, us});
        out to = key.emitted();
        for (row each : key.values()) {
            now.sum += each.i64(0);
            to.put(0, key.columns().i64(0));
            to.put(1, now.sum);
            to.put(2, now.seen);
            to.end_row();
            now.seen = us;
        }
        key.keep(now);
        return SB_OK;
    }

    static int migrate(std::uint32_t version, row old, sum &now) {
        if (version != 1) return sb_fail(SB_FAILED, "no way from state of version %u", static_cast<unsigned>(version));
        now = {old.i64(0), 0};
        return SB_OK;
    }
};

/* Numbers from 0. The first start fails before one of them. */
struct until {
    std::int64_t end;
    std::int64_t fail_at = -1;
};

constexpr sb_option keys_of_until[] = {SLUICEBOX_REQUIRED(until, end), SLUICEBOX_OPTION(until, fail_at)};
constexpr sb_field counted[] = {sluicebox::field("number", SB_UINT64)};

class counting {
  public:
    using options = until;
    static constexpr auto name = "counting";
    static constexpr auto doc = "";
    static constexpr bool replayable = true;
    static constexpr sb_schema output = sluicebox::columns(counted);
    static constexpr sb_config config = sluicebox::config<until>(keys_of_until);

    counting(const until &until, const sb_context &context) : until_(until), attempt_(context.attempt) {}

    int start(std::optional<std::string_view> position) {
        if (position) std::memcpy(&next_, position->data(), sizeof next_);
        sluicebox::log(SB_INFO, "it starts at " + std::to_string(next_));
        return SB_OK;
    }

    int receive(sluicebox::received &received) {
        out to = received.rows();
        while (to.rows() < received.max_rows() && next_ < until_.end) {
            if (attempt_ == 0 && next_ == until_.fail_at) {
                if (to.rows() > 0) break;
                return sluicebox::fail(SB_FAILED, "can't count past " + std::to_string(next_));
            }
            to.put(0, next_++);
            to.end_row();
        }
        received.stands_at({reinterpret_cast<const char *>(&next_), sizeof next_});
        if (next_ == until_.end) received.end();
        return SB_OK;
    }

  private:
    until until_;
    std::uint32_t attempt_;
    std::int64_t next_ = 0;
};

/* A sink that tells the log what it commits. */
class tell {
  public:
    static constexpr auto name = "tell";
    static constexpr auto doc = "";
    static constexpr sb_schema input = sluicebox::columns(a_text);

    int write(row in) { return text_.append(in.text(0)).append(";"), SB_OK; }

    int prepare(std::string_view &prepared) { return prepared = text_, SB_OK; }

    static int commit(const sluicebox::target &target, sluicebox::committables all) {
        for (sb_text each : all) {
            if (each.size > 0) sluicebox::log(SB_INFO, std::string(target.output) + " has " + std::string(sluicebox::view(each)));
        }
        return SB_OK;
    }

  private:
    std::string text_;
};

} // namespace

SLUICEBOX_TRANSFORMS(sluicebox::filter<is_long>(), sluicebox::map_partitions<number>(), sluicebox::map<go_wrong>(),
                     sluicebox::map_partitions<locate>(), sluicebox::map<survey>())
SLUICEBOX_STATES(sluicebox::update_state_by_key<latest>(), sluicebox::map_with_state<total>())
SLUICEBOX_RECEIVERS(sluicebox::receiver<counting>())
SLUICEBOX_SINKS(sluicebox::sink<tell>())
