/*
 * Write operators for Sluicebox in C++: what sluicebox.h has, with classes for operators, which are made and destroyed as a partition
 * begins and ends, and texts as std::string_view.
 *
 * There are no exceptions: functions return SB_OK, or what sluicebox::fail and sluicebox::reject return. See sluicebox.h for what each of
 * them is called for.
 */
#ifndef SLUICEBOX_HPP
#define SLUICEBOX_HPP

#include <concepts>
#include <cstdint>
#include <iterator>
#include <new>
#include <string_view>
#include <type_traits>

#include "sluicebox.h"

namespace sluicebox {

inline std::string_view view(sb_text text) { return {text.data, text.size}; }
inline sb_text text(std::string_view view) { return {view.data(), view.size()}; }

constexpr sb_field field(const char *name, sb_type type) {
    sb_field field{};
    field.name = name;
    field.type = type;
    return field;
}
constexpr sb_field nullable(const char *name, sb_type type) {
    sb_field made = field(name, type);
    made.nullable = true;
    return made;
}
template <std::size_t N> constexpr sb_schema columns(const sb_field (&fields)[N]) { return {fields, N, false}; }
constexpr sb_schema no_columns() { return {}; }
constexpr sb_schema any_columns() { return {nullptr, 0, true}; }

inline int fail(sb_error error, std::string_view message) {
    return sb_fail(error, "%.*s", static_cast<int>(message.size()), message.data());
}
inline int reject(std::string_view reason) { return sb_reject("%.*s", static_cast<int>(reason.size()), reason.data()); }
inline void log(sb_level level, std::string_view line) { sb_log(level, "%.*s", static_cast<int>(line.size()), line.data()); }
inline void count(const char *name, std::uint64_t n) { sb_count(name, n); }

/* A row that is read, by the places of its columns. */
class row {
  public:
    row(sb_row of) : of_(of) {}
    bool is_null(std::uint32_t column) const { return sb_row_is_null(of_, column); }
    std::string_view text(std::uint32_t column) const { return view(sb_row_text(of_, column)); }
    std::int64_t i64(std::uint32_t column) const { return sb_row_i64(of_, column); }
    double f64(std::uint32_t column) const { return sb_row_f64(of_, column); }
    bool boolean(std::uint32_t column) const { return sb_row_bool(of_, column); }
    sb_row raw() const { return of_; }

  private:
    sb_row of_;
};

/* Rows that are made. */
class out {
  public:
    out(sb_out *to) : to_(to) {}
    void put(std::uint32_t column, std::string_view value) { sb_put_text(to_, column, sluicebox::text(value)); }
    void put(std::uint32_t column, const char *value) { put(column, std::string_view(value)); }
    void put(std::uint32_t column, bool value) { sb_put_bool(to_, column, value); }
    void put(std::uint32_t column, std::integral auto value) { sb_put_i64(to_, column, static_cast<std::int64_t>(value)); }
    void put(std::uint32_t column, std::floating_point auto value) { sb_put_f64(to_, column, static_cast<double>(value)); }
    void put_null(std::uint32_t column) { sb_put_null(to_, column); }
    void end_row() { sb_end_row(to_); }
    std::uint32_t rows() const { return sb_rows(to_); }
    sb_out *raw() const { return to_; }

  private:
    sb_out *to_;
};

namespace detail {

struct none {};

/* The options of an operator: the type `T::options`, with `T::config`, where it has them. */
template <class T> struct options_of {
    using type = none;
};
template <class T>
    requires requires { typename T::options; }
struct options_of<T> {
    using type = typename T::options;
};

template <class T> constexpr sb_config config_of() {
    if constexpr (requires { T::config; }) return T::config;
    return {};
}

/* An operator of its options, or of nothing. */
template <class T> T *make(const void *options) {
    using options_type = typename options_of<T>::type;
    if constexpr (std::is_constructible_v<T, const options_type &>) {
        return new (std::nothrow) T(*static_cast<const options_type *>(options));
    } else {
        return new (std::nothrow) T();
    }
}

template <class T> int open(const void *options, const sb_context *, void **self) {
    *self = make<T>(options);
    return *self == nullptr ? sb_fail(SB_FAILED, "out of memory") : SB_OK;
}

template <class T> void close(void *self) { delete static_cast<T *>(self); }

} // namespace detail

/* A transform of a class: its name, doc and schemas are static members `name`, `doc`, `input` and `output`; `int operator()(row, out &)` is
 * called with each row. `finish(out &)`, where it has one, is called at the partition's end. */
template <class T> constexpr sb_transform transform(sb_transform_kind kind) {
    sb_transform made{};
    made.name = T::name;
    made.doc = T::doc;
    made.kind = kind;
    made.input = T::input;
    if constexpr (requires { T::output; }) made.output = T::output;
    made.config = detail::config_of<T>();
    made.open = detail::open<T>;
    made.row = [](void *self, sb_row in, sb_out *to) {
        out rows(to);
        return (*static_cast<T *>(self))(row(in), rows);
    };
    if constexpr (requires(T t, out &rows) { t.finish(rows); }) {
        made.finish = [](void *self, sb_out *to) {
            out rows(to);
            return static_cast<T *>(self)->finish(rows);
        };
    }
    made.close = detail::close<T>;
    return made;
}
template <class T> constexpr sb_transform map() { return transform<T>(SB_MAP_ROWS); }
template <class T> constexpr sb_transform flat_map() { return transform<T>(SB_FLAT_MAP); }
template <class T> constexpr sb_transform filter() { return transform<T>(SB_FILTER); }
template <class T> constexpr sb_transform map_partitions() { return transform<T>(SB_MAP_PARTITIONS); }

/* An aggregate of a class, whose objects are accumulators: all zeros at first, and never destroyed, so they hold what needs no destructor.
 * Static members `name`, `doc`, `input`, `partial`, `output` and `version`; `add(row)`, `merge(const T &)`, `save(out &)`, `load(row)`,
 * `finish(out &)`, and `unmerge(const T &)` where that can be. */
template <class T> constexpr sb_aggregate aggregate() {
    static_assert(std::is_trivially_destructible_v<T>, "an accumulator is never destroyed");
    sb_aggregate made{};
    made.name = T::name;
    made.doc = T::doc;
    made.input = T::input;
    made.partial = T::partial;
    made.partial_version = T::version;
    made.output = T::output;
    made.config = detail::config_of<T>();
    made.size = sizeof(T);
    made.add = [](const void *, void *accumulator, sb_row in) { return static_cast<T *>(accumulator)->add(row(in)); };
    made.merge = [](const void *, void *into, const void *from) { return static_cast<T *>(into)->merge(*static_cast<const T *>(from)); };
    if constexpr (requires(T a, const T b) { a.unmerge(b); }) {
        made.unmerge = [](const void *, void *from, const void *what) {
            return static_cast<T *>(from)->unmerge(*static_cast<const T *>(what));
        };
    }
    made.save = [](const void *, const void *accumulator, sb_out *to) {
        out rows(to);
        return static_cast<const T *>(accumulator)->save(rows);
    };
    made.load = [](const void *, void *accumulator, sb_row in) { return static_cast<T *>(accumulator)->load(row(in)); };
    made.finish = [](const void *, const void *accumulator, sb_out *to) {
        out rows(to);
        return static_cast<const T *>(accumulator)->finish(rows);
    };
    return made;
}

/* A receiver of a class: static members `name`, `doc`, `replayable`, `output`; `start(const sb_text *position)` after it is made,
 * `receive(sb_received &)`, and `ack(sb_text)` where it has one. */
template <class T> constexpr sb_receiver receiver() {
    sb_receiver made{};
    made.name = T::name;
    made.doc = T::doc;
    made.replayable = T::replayable;
    made.output = T::output;
    made.config = detail::config_of<T>();
    made.start = [](const void *options, const sb_context *context, const sb_text *position, void **self) {
        int returned = detail::open<T>(options, context, self);
        return returned != SB_OK ? returned : static_cast<T *>(*self)->start(position);
    };
    made.receive = [](void *self, sb_received *received) { return static_cast<T *>(self)->receive(*received); };
    if constexpr (requires(T t, sb_text position) { t.ack(position); }) {
        made.ack = [](void *self, sb_text position) { return static_cast<T *>(self)->ack(position); };
    }
    made.stop = detail::close<T>;
    return made;
}

} // namespace sluicebox

#endif
