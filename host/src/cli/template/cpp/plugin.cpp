/* Lines, louder. */
#include <sluicebox.hpp>
#include <string>

namespace {

constexpr sb_field line[] = {sluicebox::field("", SB_UTF8)};
constexpr sb_field loud_line[] = {sluicebox::field("line", SB_UTF8)};

/* The line in capitals: letters of ASCII. */
struct shout {
    static constexpr auto name = "{operator}";
    static constexpr auto doc = "The line in capitals.";
    static constexpr sb_schema input = sluicebox::columns(line);
    static constexpr sb_schema output = sluicebox::columns(loud_line);

    int operator()(sluicebox::row in, sluicebox::out &to) {
        loud.assign(in.text(0));
        for (char &c : loud) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        to.put(0, std::string_view(loud));
        return SB_OK;
    }

    /* Its memory is used again from row to row. */
    std::string loud;
};

} // namespace

SLUICEBOX_TRANSFORMS(sluicebox::map<shout>())
