/* Columns and rows that are read and made, tables, values, and what is said to the host. */
#include "tests.hpp"

namespace {

using namespace tests;
using sluicebox::batch;
using sluicebox::builder;
using sluicebox::column;
using sluicebox::out;
using sluicebox::row;

constexpr sb_field item[] = {sluicebox::nullable("item", SB_UTF8)};
constexpr sb_field list_item[] = {or_null(sluicebox::list("item", item))};
constexpr sb_field members[] = {sluicebox::field("x", SB_FLOAT32), sluicebox::nullable("y", SB_UINT64)};
constexpr sb_field fields[] = {sluicebox::nullable("signed", SB_INT64),    sluicebox::nullable("unsigned", SB_UINT64),
                               sluicebox::nullable("real", SB_FLOAT64),    sluicebox::nullable("flag", SB_BOOL),
                               sluicebox::nullable("text", SB_UTF8),       or_null(sluicebox::list("lists", list_item)),
                               or_null(sluicebox::record("pair", members))};
constexpr sb_schema schema = sluicebox::columns(fields);
static_assert(schema.n_fields == 7 && fields[5].children == list_item && fields[6].n_children == 2 && fields[6].nullable);

/* Three rows: the lowest, the highest and none. */
void extremes(out to) {
    to.put(0, LOWEST);
    to.put(1, 0u);
    to.put(2, std::numeric_limits<double>::quiet_NaN());
    to.put(3, false);
    to.put(4, "");
    builder lists = to.column(5), pair = to.column(6);
    lists.append_nested();
    pair.child(0).append(-0.0f);
    pair.child(1).append_null();
    pair.append_nested();
    to.end_row();

    to.put(0, HIGHEST);
    to.put(1, HIGHEST_UNSIGNED);
    to.put(2, std::numeric_limits<double>::lowest());
    to.put(3, true);
    to.put(4, std::string_view("a\0b", 3));
    builder inner = lists.child();
    inner.child().append(FACE);
    inner.child().append_null();
    inner.child().append("");
    inner.append_nested();
    inner.append_null();
    inner.append_nested();
    lists.append_nested();
    pair.child(0).append(1.5);
    pair.child(1).append(HIGHEST_UNSIGNED);
    pair.append_nested();
    to.end_row();

    for (std::uint32_t column = 0; column < 4; column++)
        to.put_null(column);
    to.end_row();
}

void check_extremes(const batch &all) {
    CHECK(all.size() == 3 && all.n_columns() == 7 && all.rows().size() == 3 && !all.rows().empty());
    std::vector<row> rows(all.rows().begin(), all.rows().end());
    CHECK(rows.size() == 3 && rows[2].number() == 2);
    CHECK(rows[0].i64(0) == LOWEST && rows[1].i64(0) == HIGHEST && rows[0].f64(0) == -0x1p63);
    CHECK(rows[0].i64(1) == 0 && rows[1].u64(1) == HIGHEST_UNSIGNED && rows[1].f64(1) == 0x1p64);
    CHECK(std::isnan(rows[0].f64(2)) && rows[1].f64(2) == std::numeric_limits<double>::lowest());
    CHECK(!rows[0].boolean(3) && rows[1].boolean(3));
    CHECK(rows[0].text(4).empty() && rows[1].text(4) == std::string_view("a\0b", 3));
    for (std::uint32_t column = 0; column < 7; column++)
        CHECK(!rows[0].is_null(column) && !rows[1].is_null(column) && rows[2].is_null(column) && all[column].has_nulls());

    column lists = rows[1].column(5), inner = lists.child(), texts = inner.child();
    CHECK(lists.name() == "lists" && lists.type() == SB_LIST && lists.size() == 3 && texts.type() == SB_UTF8);
    sb_items none = lists.items(0), some = lists.items(1), three = inner.items(some.first), empty = inner.items(some.first + 2);
    CHECK(none.first == none.end && some.end - some.first == 3 && inner.is_null(some.first + 1) && empty.first == empty.end);
    CHECK(three.end - three.first == 3);
    CHECK(texts.text(three.first) == FACE && texts.is_null(three.first + 1) && texts.text(three.first + 2).empty());
    CHECK(!texts.is_null(three.first + 2));

    column x = all[6].child(0), y = all[6].child(1);
    CHECK(x.f64(0) == 0 && std::signbit(x.f64(0)) && x.f64(1) == 1.5 && y.is_null(0) && !y.is_null(1));
    CHECK(y.values<std::uint64_t>().size() == 3 && y.values<std::uint64_t>()[1] == HIGHEST_UNSIGNED);
    CHECK(all[0].values<std::int64_t>()[0] == LOWEST);
}

void test_rows() {
    batch made = read(schema, given(schema, extremes));
    check_extremes(made);
    /* Copied value by value, and taken as they are, they are the same. */
    check_extremes(read(schema, given(schema, [&](out to) {
                            for (row each : made.rows()) {
                                for (std::uint32_t column = 0; column < 7; column++)
                                    to.column(column).append_copy(made[column], each.number());
                                to.end_row();
                            }
                            CHECK(to.rows() == 3);
                        })));
    check_extremes(read(schema, given(schema, [&](out to) {
                            for (std::uint32_t column = 0; column < 7; column++)
                                to.column(column).take(made[column]);
                        })));
    batch empty = read(schema, given(schema, [](out) {}));
    CHECK(empty.size() == 0 && empty.rows().empty() && empty.rows().begin() == empty.rows().end());
    sluicebox::rows::iterator at = made.rows().begin();
    CHECK((*at++).number() == 0 && (*at).number() == 1 && batch().size() == 0);
    sb_end_call();
}

/* What suits no column is the call's error, and names the column. */
template <class F> void refused(F fill, const char *message) {
    sb_out made;
    out_begin(&made, schema.fields, schema.n_fields, 0);
    fill(out(&made));
    CHECK(is_error(error_answer(SB_OK), 2, message));
    sb_end_call();
}

void test_wrong_values() {
    refused([](out to) { to.put(0, "1"); }, "column \"signed\" is int64, and a text is put into it");
    refused([](out to) { to.put(4, 1); }, "column \"text\" is utf8, and an integer is put into it");
    refused([](out to) { to.put(4, true); }, "column \"text\" is utf8, and a bool is put into it");
    refused([](out to) { to.put(0, 1.0); }, "column \"signed\" is int64, and a floating-point number is put into it");
    refused([](out to) { to.put(7, 1); }, "column 7 is put, and only 7 are made");
    refused([](out to) { to.column(5).child(1).append(1); }, "column 1 is put, and only 1 are made");
    refused(
        [](out to) {
            to.put(0, 1);
            to.put(0, 2);
            to.end_row();
        },
        "column \"signed\" is put twice in a row");
    refused([](out to) { to.column(6).append_nested(); }, "row 0 of column \"pair\" isn't whole: \"x\" has 0 values, and 1 are due");
    refused([](out to) { to.column(6).child(0).append_null(); }, "column \"x\" has no value in a row, and isn't nullable");
}

void test_tables() {
    static constexpr sb_field asked[] = {sluicebox::nullable("weight", SB_INT64), sluicebox::field("path", SB_UTF8)};
    static constexpr sb_schema paths = sluicebox::columns(asked), any = sluicebox::any_columns();
    sluicebox::table pages;
    CHECK(pages.open("pages", paths) == SB_OK);
    std::string all;
    for (batch rows; pages.next(rows);) {
        for (row each : rows.rows())
            all.append(each.text(1)).append(each.is_null(0) ? "-" : std::to_string(each.i64(0))).append(" ");
    }
    CHECK(all == "/00 /110 /220 /3- /440 " && call_error == 0);
    CHECK(pages.open("pages", any) == SB_OK);
    batch rows;
    CHECK(pages.next(rows) && rows.n_columns() == 2 && rows[0].name() == "path");
    sb_end_call();
    static constexpr sb_field strict[] = {sluicebox::field("weight", SB_INT64)};
    static constexpr sb_schema weights = sluicebox::columns(strict);
    CHECK(pages.open("pages", weights) == SB_OK && pages.next(rows) && !pages.next(rows));
    CHECK(is_error(error_answer(SB_OK), 2, "table \"pages\", row 3: column \"weight\" is null"));
    sb_end_call();
    CHECK(is_error(error_answer(pages.open("sites", any)), 2, "no table \"sites\", or its job doesn't grant it"));
    sb_end_call();
    CHECK(sluicebox::broadcast("motto") == "onward" && !sluicebox::broadcast("slogan"));
    sb_end_call();
}

void test_host() {
    /* Texts are no formats. */
    sluicebox::log(SB_WARN, "100%s of it");
    CHECK(std::string_view(logged) == "2 100%s of it");
    std::int64_t before = count;
    sluicebox::count("rows", 3);
    CHECK(count == before + 3 && std::string_view(counted) == "rows");
    CHECK(sluicebox::fail(SB_UNAVAILABLE, "100%n " + std::string(FACE)) == SB_UNAVAILABLE);
    CHECK(sluicebox::fail(SB_FAILED, "later") == SB_UNAVAILABLE);
    CHECK(is_error(error_answer(SB_OK), 3, "100%n \xf0\x9f\x98\x80"));
    sb_end_call();
    std::span<std::int64_t> zeros = sluicebox::alloc<std::int64_t>(3);
    CHECK(zeros.size() == 3 && zeros[0] == 0 && zeros[2] == 0 && sluicebox::alloc<char>(0).empty());
    CHECK(sluicebox::view(sluicebox::text("a\n")) == "a\n" && sluicebox::view(sluicebox::text({})).empty());
    sb_end_call();
}

} // namespace

void tests::test_columns() {
    test_rows();
    test_wrong_values();
    test_tables();
    test_host();
}
