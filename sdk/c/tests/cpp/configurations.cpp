/* Configurations, which become structs of the author's. */
#include "tests.hpp"

namespace {

using namespace tests;

struct settings {
    sb_texts names;
    std::int64_t keep_last = 4;
    double share = 0.5;
    bool loud = true;
    sb_text word = {"none", 4};
};

constexpr sb_option keys[] = {SLUICEBOX_REQUIRED(settings, names), SLUICEBOX_OPTION(settings, keep_last), SLUICEBOX_OPTION(settings, share),
                              SLUICEBOX_OPTION(settings, loud), SLUICEBOX_OPTION(settings, word)};
constexpr sb_config config = sluicebox::config<settings>(keys);
static_assert(keys[0].type == SB_OPTION_TEXTS && keys[1].type == SB_OPTION_I64 && keys[2].type == SB_OPTION_F64 &&
              keys[3].type == SB_OPTION_BOOL && keys[4].type == SB_OPTION_TEXT);

const settings &as_read(std::string_view json) {
    const void *made = config_read(&config, sluicebox::text(json));
    CHECK(made != nullptr);
    return *static_cast<const settings *>(made);
}

/* Wrong ones are of the kind `invalid-config`, and the key is named as it is written. */
void refused(std::string_view json, const char *message) {
    CHECK(config_read(&config, sluicebox::text(json)) == nullptr);
    CHECK(is_error(error_answer(SB_OK), 0, message));
    sb_end_call();
}

} // namespace

void tests::test_configurations() {
    /* What isn't given is as a new object has it. */
    const settings &few = as_read(R"({"names": []})");
    CHECK(few.names.n == 0 && few.keep_last == 4 && few.share == 0.5 && few.loud && sluicebox::view(few.word) == "none");
    sb_end_call();
    const settings &all =
        as_read(R"({"names": ["", "\ud83d\ude00"], "keep-last": -9223372036854775808, "share": 1e-3, "loud": false, "word": ""})");
    CHECK(all.names.n == 2 && all.names.texts[0].size == 0 && sluicebox::view(all.names.texts[1]) == FACE);
    CHECK(all.keep_last == LOWEST && all.share == 0.001 && !all.loud && all.word.size == 0);
    sb_end_call();
    CHECK(as_read(R"({"names": [], "keep-last": 9223372036854775807})").keep_last == HIGHEST);
    sb_end_call();

    refused("{}", "names is missing: a list of texts");
    refused(R"({"names": [], "keep_last": 1})", "unknown key \"keep_last\"; there is names, keep-last, share, loud, word");
    refused(R"({"names": [], "keep-last": 9223372036854775808})", "keep-last is not an integer");
    refused(R"({"names": [], "keep-last": 4.0})", "keep-last is not an integer");
    refused(R"({"names": "a"})", "names is not a list of texts");
    refused(R"({"names": ["a", null]})", "names is not a list of texts");
    refused(R"({"names": [], "share": "half"})", "share is not a number");
    refused(R"({"names": [], "loud": 1})", "loud is not true or false");
    refused(R"({"names": [], "word": 1})", "word is not a text");
}
