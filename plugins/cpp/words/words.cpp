/* What a word count needs: lines to words, and how often each comes in a batch. */
#include <sluicebox.hpp>

namespace {

using sluicebox::out;
using sluicebox::row;

constexpr sb_field line[] = {sluicebox::field("", SB_UTF8)};
constexpr sb_field word[] = {sluicebox::field("word", SB_UTF8)};
constexpr sb_field number[] = {sluicebox::field("count", SB_INT64)};

struct split {
    static constexpr auto name = "split";
    static constexpr auto doc = "Words of lines, at single spaces; there are no empty words.";
    static constexpr sb_schema input = sluicebox::columns(line);
    static constexpr sb_schema output = sluicebox::columns(word);

    int operator()(row in, out &words) {
        std::string_view rest = in.text(0);
        while (!rest.empty()) {
            std::string_view each = rest.substr(0, rest.find(' '));
            rest.remove_prefix(each.size() < rest.size() ? each.size() + 1 : each.size());
            if (each.empty()) continue;
            words.put(0, each);
            words.end_row();
        }
        return SB_OK;
    }
};

struct tally {
    static constexpr auto name = "tally";
    static constexpr auto doc = "How many rows a key has.";
    static constexpr sb_schema input = sluicebox::no_columns();
    static constexpr sb_schema partial = sluicebox::columns(number);
    static constexpr sb_schema output = sluicebox::columns(number);
    static constexpr std::uint32_t version = 1;

    std::int64_t count;

    int add(row) { return ++count, SB_OK; }
    int merge(const tally &from) { return count += from.count, SB_OK; }
    int unmerge(const tally &what) { return count -= what.count, SB_OK; }
    int load(row in) { return count = in.i64(0), SB_OK; }
    int save(out &to) const { return to.put(0, count), SB_OK; }
    int finish(out &to) const { return save(to); }
};

} // namespace

SLUICEBOX_TRANSFORMS(sluicebox::flat_map<split>())
SLUICEBOX_AGGREGATES(sluicebox::aggregate<tally>())
