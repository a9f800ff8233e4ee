/* Sessions of keys by the time that their rows say: a session ends when the next row comes more than a gap after its last one. */
#include <algorithm>
#include <limits>
#include <sluicebox.hpp>

namespace {

using sluicebox::out;
using sluicebox::row;

struct settings {
    std::int64_t gap_ms;
};

constexpr sb_option keys_of_settings[] = {SLUICEBOX_REQUIRED(settings, gap_ms)};
constexpr sb_field key[] = {sluicebox::field("", SB_UTF8)};
constexpr sb_field at[] = {sluicebox::field("at", SB_INT64)};
constexpr sb_field session_columns[] = {sluicebox::field("start", SB_INT64), sluicebox::field("end", SB_INT64),
                                        sluicebox::field("count", SB_INT64)};

struct session {
    std::int64_t start, end, count;

    int load(row in) { return *this = {in.i64(0), in.i64(1), in.i64(2)}, SB_OK; }
    int save(out &to) const {
        to.put(0, start);
        to.put(1, end);
        to.put(2, count);
        return SB_OK;
    }
    /* Up to when a row belongs to it. */
    std::int64_t until(std::int64_t gap) const {
        using limits = std::numeric_limits<std::int64_t>;
        std::int64_t sum;
        return !__builtin_add_overflow(end, gap, &sum) ? sum : gap < 0 ? limits::min() : limits::max();
    }
};

struct sessionize {
    using options = settings;
    using kept = session;
    static constexpr auto name = "sessionize";
    static constexpr auto doc = "Sessions that are over: their first and last time, and how many rows they had. A row that comes late "
                                "belongs to the session that is open.";
    static constexpr sb_schema keys = sluicebox::columns(key);
    static constexpr sb_schema input = sluicebox::columns(at);
    static constexpr sb_schema state = sluicebox::columns(session_columns);
    static constexpr std::uint32_t version = 1;
    static constexpr sb_schema output = sluicebox::columns(session_columns);
    static constexpr sb_config config = sluicebox::config<settings>(keys_of_settings);

    static int update(const settings &settings, sluicebox::key<session> &key) {
        std::optional<session> now = key.state();
        out over = key.emitted();
        for (row each : key.values()) {
            std::int64_t at = each.i64(0);
            if (now && at <= now->until(settings.gap_ms)) {
                now = session{std::min(now->start, at), std::max(now->end, at), now->count + 1};
                continue;
            }
            if (now) {
                now->save(over);
                over.end_row();
            }
            now = session{at, at, 1};
        }
        if (now && !key.values().empty()) key.keep(*now);
        return SB_OK;
    }
};

} // namespace

SLUICEBOX_STATES(sluicebox::map_with_state<sessionize>())
