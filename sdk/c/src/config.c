/* The table `config` of the job file, as a struct of the author's. */
#include "abi.h"

#include <errno.h>
#include <stdlib.h>

static const char *const EXPECTED[] = {"true or false", "an integer", "a number", "a text", "a list of texts"};

static bool read_option(const sb_option *option, const json_value *value, void *member) {
    switch (option->type) {
    case SB_OPTION_BOOL:
        *(bool *)member = value->type == JSON_TRUE;
        return value->type == JSON_TRUE || value->type == JSON_FALSE;
    case SB_OPTION_I64: {
        if (value->type != JSON_NUMBER) return false;
        char *end;
        errno = 0;
        *(int64_t *)member = strtoll(arena_text(&of_call, value->text).data, &end, 10);
        return *end == 0 && errno == 0;
    }
    case SB_OPTION_F64:
        if (value->type != JSON_NUMBER) return false;
        *(double *)member = strtod(arena_text(&of_call, value->text).data, NULL);
        return true;
    case SB_OPTION_TEXT:
        if (value->type != JSON_TEXT) return false;
        *(sb_text *)member = arena_text(&of_open, value->text);
        return true;
    case SB_OPTION_TEXTS: {
        if (value->type != JSON_ARRAY) return false;
        uint32_t n = 0;
        for (const json_value *item = value->first; item != NULL; item = item->next)
            n++;
        sb_text *texts = arena_alloc(&of_open, (n ? n : 1) * sizeof *texts);
        *(sb_texts *)member = (sb_texts){texts, n};
        for (const json_value *item = value->first; item != NULL; item = item->next) {
            if (item->type != JSON_TEXT) return false;
            *texts++ = arena_text(&of_open, item->text);
        }
        return true;
    }
    }
    return false;
}

/* Keys are members' names with hyphens for underlines, as all of a job file's. */
static bool is_key(const char *member, sb_text key) {
    if (strlen(member) != key.size) return false;
    for (size_t i = 0; i < key.size; i++) {
        if ((member[i] == '_' ? '-' : member[i]) != key.data[i]) return false;
    }
    return true;
}

static const char *key_of(const sb_option *option) {
    char *key = (char *)sb_format("%s", option->key).data;
    for (char *c = key; *c != 0; c++) {
        if (*c == '_') *c = '-';
    }
    return key;
}

/* The keys that there are, for people. */
static sb_text known_keys(const sb_config *config) {
    sb_text keys = sb_text_from("no keys");
    for (uint32_t i = 0; i < config->n_options; i++) {
        keys = i == 0 ? sb_format("%s", key_of(&config->options[i]))
                      : sb_format("%.*s, %s", (int)keys.size, keys.data, key_of(&config->options[i]));
    }
    return keys;
}

const void *config_read(const sb_config *config, sb_text json) {
    uint8_t *options = arena_alloc(&of_open, config->size + 1);
    memset(options, 0, config->size + 1);
    if (config->defaults != NULL) memcpy(options, config->defaults, config->size);
    const json_value *document = json_parse(json);
    if (document == NULL || document->type != JSON_OBJECT) {
        sb_fail(SB_INVALID_CONFIG, "the configuration isn't a table");
        return NULL;
    }
    uint64_t *given = sb_alloc((config->n_options / 64 + 1) * sizeof *given);
    for (const json_value *value = document->first; value != NULL; value = value->next) {
        uint32_t i = 0;
        while (i < config->n_options && !is_key(config->options[i].key, value->key))
            i++;
        if (i == config->n_options) {
            sb_text keys = known_keys(config);
            sb_fail(SB_INVALID_CONFIG, "unknown key \"%.*s\"; there is %.*s", (int)value->key.size, value->key.data, (int)keys.size,
                    keys.data);
            return NULL;
        }
        if (!read_option(&config->options[i], value, options + config->options[i].offset)) {
            sb_fail(SB_INVALID_CONFIG, "%s is not %s", key_of(&config->options[i]), EXPECTED[config->options[i].type]);
            return NULL;
        }
        given[i / 64] |= (uint64_t)1 << i % 64;
    }
    for (uint32_t i = 0; i < config->n_options; i++) {
        if (!config->options[i].required || (given[i / 64] >> i % 64 & 1)) continue;
        sb_fail(SB_INVALID_CONFIG, "%s is missing: %s", key_of(&config->options[i]), EXPECTED[config->options[i].type]);
        return NULL;
    }
    return options;
}
