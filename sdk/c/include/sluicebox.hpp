/*
 * Write operators for Sluicebox in C++: what sluicebox.h has, with classes for operators, which are made and destroyed as a partition
 * begins and ends, for columns, keys and their state, and texts as std::string_view.
 *
 * An operator's class has static members that say what it is called and which columns it has: `name`, `doc`, `input`, `output` and the
 * like. Where it has a configuration, `options` is the type of that and `config` says its keys; functions that are static, and those of
 * accumulators, may take `const options &` before their other arguments. Classes of which objects are made are constructed of
 * `const options &`, `const sb_context &`, both in this order, or nothing; `int open()`, where there is one, is called then, and may fail.
 *
 * There are no exceptions: functions return SB_OK, or what sluicebox::fail and sluicebox::reject return. See sluicebox.h for what each of
 * them is called for.
 */
#ifndef SLUICEBOX_HPP
#define SLUICEBOX_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <optional>
#include <span>
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
/* Lists of one field, and structs of several. */
constexpr sb_field list(const char *name, const sb_field (&item)[1]) {
    sb_field made = field(name, SB_LIST);
    made.children = item;
    made.n_children = 1;
    return made;
}
template <std::size_t N> constexpr sb_field record(const char *name, const sb_field (&fields)[N]) {
    sb_field made = field(name, SB_STRUCT);
    made.children = fields;
    made.n_children = static_cast<std::uint32_t>(N);
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

/* Zeros until the end of the call. */
template <class T> std::span<T> alloc(std::size_t n) {
    static_assert(std::is_trivially_destructible_v<T>, "what lasts as long as a call is never destroyed");
    return {static_cast<T *>(sb_alloc(n * sizeof(T))), n};
}

/* --- configuration --- */

template <class T> constexpr sb_option_type option_type() {
    if constexpr (std::is_same_v<T, bool>) return SB_OPTION_BOOL;
    if constexpr (std::is_same_v<T, std::int64_t>) return SB_OPTION_I64;
    if constexpr (std::is_same_v<T, double>) return SB_OPTION_F64;
    if constexpr (std::is_same_v<T, sb_text>) return SB_OPTION_TEXT;
    static_assert(std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, double> || std::is_same_v<T, sb_text> ||
                      std::is_same_v<T, sb_texts>,
                  "an option is a bool, an std::int64_t, a double, an sb_text or an sb_texts");
    return SB_OPTION_TEXTS;
}
constexpr sb_option option(const char *key, sb_option_type type, std::size_t offset, bool required) {
    return {key, type, offset, required};
}
/* The key of a member of the struct of options, which is called as that, with hyphens for underlines. */
#define SLUICEBOX_OPTION(of, member)                                                                            \
    ::sluicebox::option(#member, ::sluicebox::option_type<decltype(of::member)>(), offsetof(of, member), false)
/* The same, and it has to be given. */
#define SLUICEBOX_REQUIRED(of, member)                                                                         \
    ::sluicebox::option(#member, ::sluicebox::option_type<decltype(of::member)>(), offsetof(of, member), true)

/* What isn't given is as a new object has it. */
template <class Options> inline constexpr Options defaults_of{};
template <class Options, std::size_t N> constexpr sb_config config(const sb_option (&options)[N]) {
    return {sizeof(Options), &defaults_of<Options>, options, static_cast<std::uint32_t>(N)};
}

/* --- columns and rows --- */

/* A column that is read. */
class column {
  public:
    column(const sb_column &of) : of_(&of) {}
    std::uint32_t size() const { return of_->length; }
    std::string_view name() const { return of_->field->name; }
    sb_type type() const { return of_->field->type; }
    bool has_nulls() const { return of_->null_count > 0; }
    bool is_null(std::uint32_t row) const { return sb_is_null(of_, row); }
    std::string_view text(std::uint32_t row) const { return view(sb_text_at(of_, row)); }
    std::int64_t i64(std::uint32_t row) const { return sb_i64_at(of_, row); }
    std::uint64_t u64(std::uint32_t row) const { return sb_u64_at(of_, row); }
    double f64(std::uint32_t row) const { return sb_f64_at(of_, row); }
    bool boolean(std::uint32_t row) const { return sb_bool_at(of_, row); }
    /* All values, where T is as wide as one; those of nulls mean nothing. */
    template <class T> std::span<const T> values() const { return {reinterpret_cast<const T *>(of_->values), of_->n_values / sizeof(T)}; }
    /* Of a list the rows of `child()` that are its items, of a map its entries. */
    sb_items items(std::uint32_t row) const { return sb_items_at(of_, row); }
    column child(std::uint32_t number = 0) const { return of_->children[number]; }
    const sb_column &raw() const { return *of_; }

  private:
    const sb_column *of_;
};

/* A row that is read, by the places of its columns. */
class row {
  public:
    row(sb_row of) : of_(of) {}
    bool is_null(std::uint32_t column) const { return sb_row_is_null(of_, column); }
    std::string_view text(std::uint32_t column) const { return view(sb_row_text(of_, column)); }
    std::int64_t i64(std::uint32_t column) const { return sb_row_i64(of_, column); }
    std::uint64_t u64(std::uint32_t column) const { return sb_row_u64(of_, column); }
    double f64(std::uint32_t column) const { return sb_row_f64(of_, column); }
    bool boolean(std::uint32_t column) const { return sb_row_bool(of_, column); }
    /* The column, and where the row is in it: for lists and the like. */
    sluicebox::column column(std::uint32_t column) const { return of_.batch->columns[column]; }
    std::uint32_t number() const { return of_.row; }
    sb_row raw() const { return of_; }

  private:
    sb_row of_;
};

/* Rows of a batch, one after the other. */
class rows {
  public:
    class iterator {
      public:
        using value_type = row;
        using difference_type = std::ptrdiff_t;
        iterator() = default;
        iterator(const sb_batch *of, std::uint32_t at) : of_(of), at_(at) {}
        row operator*() const { return sb_row{of_, at_}; }
        iterator &operator++() { return ++at_, *this; }
        iterator operator++(int) { return {of_, at_++}; }
        bool operator==(const iterator &other) const { return at_ == other.at_; }

      private:
        const sb_batch *of_ = nullptr;
        std::uint32_t at_ = 0;
    };
    rows(const sb_batch *of, std::uint32_t first, std::uint32_t end) : of_(of), first_(first), end_(end) {}
    iterator begin() const { return {of_, first_}; }
    iterator end() const { return {of_, end_}; }
    std::uint32_t size() const { return end_ - first_; }
    bool empty() const { return first_ == end_; }

  private:
    const sb_batch *of_;
    std::uint32_t first_, end_;
};

/* Rows that are read, by their columns. */
class batch {
  public:
    batch() = default;
    batch(const sb_batch &of) : of_(of) {}
    std::uint32_t size() const { return of_.rows; }
    std::uint32_t n_columns() const { return of_.n_columns; }
    column operator[](std::uint32_t number) const { return of_.columns[number]; }
    sluicebox::rows rows() const { return {&of_, 0, of_.rows}; }
    const sb_batch &raw() const { return of_; }

  private:
    sb_batch of_{};
};

/* A column that is made. */
class builder {
  public:
    builder(sb_builder *to) : to_(to) {}
    void append(std::string_view value) { sb_append_text(to_, sluicebox::text(value)); }
    void append(const char *value) { append(std::string_view(value)); }
    void append(bool value) { sb_append_bool(to_, value); }
    void append(std::signed_integral auto value) { sb_append_i64(to_, static_cast<std::int64_t>(value)); }
    void append(std::unsigned_integral auto value) { sb_append_u64(to_, static_cast<std::uint64_t>(value)); }
    void append(std::floating_point auto value) { sb_append_f64(to_, static_cast<double>(value)); }
    void append_null() { sb_append_null(to_); }
    void append_copy(column from, std::uint32_t row) { sb_append_copy(to_, &from.raw(), row); }
    /* What was appended to its children since the last is a list, a map, or a struct. */
    void append_nested() { sb_append_nested(to_); }
    /* All of a column of the same type, which is not copied. */
    void take(column from) { sb_take(to_, &from.raw()); }
    builder child(std::uint32_t number = 0) { return sb_builder_child(to_, number); }
    sb_builder *raw() const { return to_; }

  private:
    sb_builder *to_;
};

/* Rows that are made. */
class out {
  public:
    out(sb_out *to) : to_(to) {}
    void put(std::uint32_t column, std::string_view value) { sb_put_text(to_, column, sluicebox::text(value)); }
    void put(std::uint32_t column, const char *value) { put(column, std::string_view(value)); }
    void put(std::uint32_t column, bool value) { sb_put_bool(to_, column, value); }
    void put(std::uint32_t column, std::signed_integral auto value) { sb_put_i64(to_, column, static_cast<std::int64_t>(value)); }
    void put(std::uint32_t column, std::unsigned_integral auto value) { sb_put_u64(to_, column, static_cast<std::uint64_t>(value)); }
    void put(std::uint32_t column, std::floating_point auto value) { sb_put_f64(to_, column, static_cast<double>(value)); }
    void put_null(std::uint32_t column) { sb_put_null(to_, column); }
    void end_row() { sb_end_row(to_); }
    std::uint32_t rows() const { return sb_rows(to_); }
    builder column(std::uint32_t column) { return sb_builder_of(to_, column); }
    sb_out *raw() const { return to_; }

  private:
    sb_out *to_;
};

/* What is made of a chunk of rows by an operator on whole columns; see sb_chunk_end, sb_chunk_keep and sb_chunk_reject. */
class chunk {
  public:
    chunk(sb_chunk *to) : to_(to) {}
    sluicebox::out out() { return sb_chunk_out(to_); }
    void end() { sb_chunk_end(to_); }
    void keep(std::uint32_t row) { sb_chunk_keep(to_, row); }
    void reject(std::uint32_t row, std::string_view reason) {
        sb_chunk_reject(to_, row, "%.*s", static_cast<int>(reason.size()), reason.data());
    }

  private:
    sb_chunk *to_;
};

/* --- what the job has beside the input --- */

/* A static table that is read: `if (int opened = pages.open("pages", columns); opened < 0) return opened;`, and then
 * `for (batch rows; pages.next(rows);)`. */
class table {
  public:
    /* The columns have to be there as long as the table is read. */
    int open(const char *name, const sb_schema &columns) { return sb_table_open(&of_, name, &columns); }
    bool next(batch &rows) {
        sb_batch read;
        if (!sb_table_next(&of_, &read)) return false;
        rows = read;
        return true;
    }

  private:
    sb_table of_{};
};

/* A broadcast value, until the end of the call. */
inline std::optional<std::string_view> broadcast(const char *name) {
    sb_text bytes;
    if (!sb_broadcast(name, &bytes)) return std::nullopt;
    return view(bytes);
}

/* --- operators --- */

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

/* The options as they are given to functions. */
template <class T> const typename options_of<T>::type &options(const void *given) {
    return *static_cast<const typename options_of<T>::type *>(given);
}

/* `f(arguments...)`, or with the options before them. */
template <class T, class F, class... Arguments> int call(F f, const void *given, Arguments &&...arguments) {
    if constexpr (std::is_invocable_v<F, const typename options_of<T>::type &, Arguments...>) {
        return f(options<T>(given), static_cast<Arguments &&>(arguments)...);
    } else {
        return f(static_cast<Arguments &&>(arguments)...);
    }
}

template <class T> T *make(const void *given, const sb_context &context) {
    using options_type = typename options_of<T>::type;
    if constexpr (std::is_constructible_v<T, const options_type &, const sb_context &>) {
        return new (std::nothrow) T(options<T>(given), context);
    } else if constexpr (std::is_constructible_v<T, const options_type &>) {
        return new (std::nothrow) T(options<T>(given));
    } else if constexpr (std::is_constructible_v<T, const sb_context &>) {
        return new (std::nothrow) T(context);
    } else {
        return new (std::nothrow) T();
    }
}

template <class T> int open(const void *given, const sb_context *context, void **self) {
    T *made = make<T>(given, *context);
    *self = made;
    if (made == nullptr) return sb_fail(SB_FAILED, "out of memory");
    if constexpr (requires { made->open(); }) return made->open();
    return SB_OK;
}

template <class T> int bind(const void *given, const sb_schema *input, sb_binding *binding) {
    return call<T>([](auto &&...arguments) -> decltype(T::bind(arguments...)) { return T::bind(arguments...); }, given, *input, *binding);
}

template <class T> constexpr sb_bind bind_of() {
    if constexpr (requires { T::bind; }) return bind<T>;
    return nullptr;
}

template <class T> void close(void *self) { delete static_cast<T *>(self); }

} // namespace detail

/* A transform of a class: `int operator()(row, out &)` is called with each row, or `int operator()(const batch &, chunk &)` with whole
 * columns. `finish(out &)`, where it has one, is called at the partition's end, and a static `bind(const sb_schema &, sb_binding &)` when a
 * job is checked. */
template <class T> constexpr sb_transform transform(sb_transform_kind kind) {
    sb_transform made{};
    made.name = T::name;
    made.doc = T::doc;
    made.kind = kind;
    made.input = T::input;
    if constexpr (requires { T::output; }) made.output = T::output;
    made.config = detail::config_of<T>();
    made.bind = detail::bind_of<T>();
    made.open = detail::open<T>;
    if constexpr (requires(T t, const batch &in, chunk &made_of_it) { t(in, made_of_it); }) {
        made.chunk = [](void *self, const sb_batch *in, sb_chunk *to) {
            chunk made_of_it(to);
            return (*static_cast<T *>(self))(batch(*in), made_of_it);
        };
    } else {
        made.row = [](void *self, sb_row in, sb_out *to) {
            out rows(to);
            return (*static_cast<T *>(self))(row(in), rows);
        };
    }
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
 * Static members also `partial` and its `version`; `add(row)`, `merge(const T &)`, `save(out &)`, `load(row)`,
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
    made.add = [](const void *given, void *accumulator, sb_row in) {
        T &self = *static_cast<T *>(accumulator);
        return detail::call<T>([&](auto &&...of) -> decltype(self.add(of...)) { return self.add(of...); }, given, row(in));
    };
    made.merge = [](const void *given, void *into, const void *from) {
        T &self = *static_cast<T *>(into);
        const T &part = *static_cast<const T *>(from);
        return detail::call<T>([&](auto &&...of) -> decltype(self.merge(of...)) { return self.merge(of...); }, given, part);
    };
    if constexpr (requires { &T::unmerge; }) {
        made.unmerge = [](const void *given, void *from, const void *what) {
            T &self = *static_cast<T *>(from);
            const T &part = *static_cast<const T *>(what);
            return detail::call<T>([&](auto &&...of) -> decltype(self.unmerge(of...)) { return self.unmerge(of...); }, given, part);
        };
    }
    made.save = [](const void *, const void *accumulator, sb_out *to) {
        out rows(to);
        return static_cast<const T *>(accumulator)->save(rows);
    };
    made.load = [](const void *, void *accumulator, sb_row in) { return static_cast<T *>(accumulator)->load(row(in)); };
    made.finish = [](const void *given, const void *accumulator, sb_out *to) {
        const T &self = *static_cast<const T *>(accumulator);
        out rows(to);
        return detail::call<T>([&](auto &&...of) -> decltype(self.finish(of...)) { return self.finish(of...); }, given, rows);
    };
    return made;
}

/* A key, what came for it, and what is kept of it: a number, or a class with `int load(row)` and `int save(out &) const`. */
template <class State> class key {
  public:
    explicit key(sb_key &of) : of_(of) {}
    /* The key's columns. */
    row columns() const { return of_.key; }
    rows values() const { return {of_.values, of_.first_value, of_.end_value}; }
    /* Whether it has rested too long, and its state goes after this call. */
    bool timed_out() const { return of_.timed_out; }
    /* What is kept, if anything is. */
    std::optional<State> state() const {
        if (!of_.has_state) return std::nullopt;
        State kept{};
        load(of_.state, kept);
        return kept;
    }
    /* Keep something else; once, and not of a key that has timed out. */
    void keep(const State &state) {
        save(state, of_.new_state);
        sb_end_row(of_.new_state);
    }
    /* Keep nothing any more. */
    void remove() { of_.remove = true; }
    /* Rows of the stream, of map-with-state: each is put and ended. */
    out emitted() { return of_.emitted; }
    sb_key &raw() { return of_; }

    /* To and from a row. What goes wrong is the call's error. */
    static void load(row from, State &state) {
        if constexpr (std::is_same_v<State, bool>) {
            state = from.boolean(0);
        } else if constexpr (std::integral<State>) {
            state = static_cast<State>(from.i64(0));
        } else if constexpr (std::floating_point<State>) {
            state = static_cast<State>(from.f64(0));
        } else if (int returned = state.load(from); returned < 0) {
            sb_fail(static_cast<sb_error>(returned), "state can't be read");
        }
    }
    static void save(const State &state, sb_out *to) {
        out rows(to);
        if constexpr (std::is_arithmetic_v<State>) {
            rows.put(0, state);
        } else if (int returned = state.save(rows); returned < 0) {
            sb_fail(static_cast<sb_error>(returned), "state can't be written");
        }
    }

  private:
    sb_key &of_;
};

/* An operator over keyed state of a class, of which no objects are made: the type `kept` of what is kept of a key; static members `name`,
 * `doc`, `keys`, `input`, `state`, `version`, where it emits `output`, and where keys may rest too long `timeout_ms`; static
 * `update(key<kept> &)`, and `migrate(std::uint32_t version, row old, kept &now)` where it knows older versions. */
template <class T> constexpr sb_state keyed(sb_state_kind kind) {
    using kept = typename T::kept;
    sb_state made{};
    made.name = T::name;
    made.doc = T::doc;
    made.kind = kind;
    made.keys = T::keys;
    made.input = T::input;
    made.state = T::state;
    made.state_version = T::version;
    if constexpr (requires { T::output; }) made.output = T::output;
    if constexpr (requires { T::timeout_ms; }) made.timeout_ms = T::timeout_ms;
    made.config = detail::config_of<T>();
    made.update = [](const void *given, sb_key *of) {
        key<kept> each(*of);
        return detail::call<T>([](auto &&...of) -> decltype(T::update(of...)) { return T::update(of...); }, given, each);
    };
    if constexpr (requires { &T::migrate; }) {
        made.migrate = [](const void *given, std::uint32_t version, sb_row old, sb_out *to) {
            kept now{};
            int returned = detail::call<T>([](auto &&...of) -> decltype(T::migrate(of...)) { return T::migrate(of...); }, given, version,
                                           row(old), now);
            if (returned >= 0) key<kept>::save(now, to);
            return returned;
        };
    }
    return made;
}
template <class T> constexpr sb_state update_state_by_key() { return keyed<T>(SB_UPDATE_STATE_BY_KEY); }
template <class T> constexpr sb_state map_with_state() { return keyed<T>(SB_MAP_WITH_STATE); }

/* A batch of an output. */
struct target {
    std::string_view job;
    std::string_view output;
    std::int64_t batch_time_ms;
};

/* What `prepare` has left for `commit`, of each partition. */
using committables = std::span<const sb_text>;

/* A sink of a class, of which an object is made for each partition: `write(row)` or `write(const batch &)`; `prepare(std::string_view &)`,
 * which says what is to be committed, in memory of the object's; static `commit(const target &, committables)`, and `abort` where there is
 * something to clear away. */
template <class T> constexpr sb_sink sink() {
    sb_sink made{};
    made.name = T::name;
    made.doc = T::doc;
    made.input = T::input;
    made.config = detail::config_of<T>();
    made.bind = detail::bind_of<T>();
    made.open = detail::open<T>;
    made.write = [](void *self, const sb_batch *of) {
        T &sink = *static_cast<T *>(self);
        if constexpr (requires(const batch &all) { sink.write(all); }) {
            return sink.write(batch(*of));
        } else {
            for (row each : rows(of, 0, of->rows)) {
                if (int returned = sink.write(each); returned < 0) return returned;
            }
            return static_cast<int>(SB_OK);
        }
    };
    made.prepare = [](void *self, sb_text *committable) {
        std::string_view prepared;
        int returned = static_cast<T *>(self)->prepare(prepared);
        *committable = text(prepared);
        return returned;
    };
    made.commit = [](const void *given, const sb_target *of, sb_texts all) {
        return detail::call<T>([](auto &&...of) -> decltype(T::commit(of...)) { return T::commit(of...); }, given,
                               target{view(of->job), view(of->output), of->batch_time_ms}, committables(all.texts, all.n));
    };
    if constexpr (requires { &T::abort; }) {
        made.abort = [](const void *given, const sb_target *of, sb_texts all) {
            return detail::call<T>([](auto &&...of) -> decltype(T::abort(of...)) { return T::abort(of...); }, given,
                                   target{view(of->job), view(of->output), of->batch_time_ms}, committables(all.texts, all.n));
        };
    }
    return made;
}

/* What a call of `receive` is asked for, and answers. */
class received {
  public:
    explicit received(sb_received &of) : of_(of) {}
    out rows() { return of_.rows; }
    std::uint32_t max_rows() const { return of_.max_rows; }
    std::uint32_t max_time_ms() const { return of_.max_time_ms; }
    /* Where the source stands after these rows, in memory that lasts to the end of the call. */
    void stands_at(std::string_view position) { of_.position = text(position); }
    /* Nothing comes any more. */
    void end() { of_.ended = true; }

  private:
    sb_received &of_;
};

/* A receiver of a class: static members `name`, `doc`, `replayable`, `output`; `start(std::optional<std::string_view> position)` after it
 * is made, `receive(received &)`, and `ack(std::string_view position)` where it has one. */
template <class T> constexpr sb_receiver receiver() {
    sb_receiver made{};
    made.name = T::name;
    made.doc = T::doc;
    made.replayable = T::replayable;
    made.output = T::output;
    made.config = detail::config_of<T>();
    made.start = [](const void *given, const sb_context *context, const sb_text *position, void **self) {
        int returned = detail::open<T>(given, context, self);
        std::optional<std::string_view> after;
        if (position != nullptr) after = view(*position);
        return returned != SB_OK ? returned : static_cast<T *>(*self)->start(after);
    };
    made.receive = [](void *self, sb_received *of) {
        received answer(*of);
        return static_cast<T *>(self)->receive(answer);
    };
    if constexpr (requires(T t, std::string_view position) { t.ack(position); }) {
        made.ack = [](void *self, sb_text position) { return static_cast<T *>(self)->ack(view(position)); };
    }
    made.stop = detail::close<T>;
    return made;
}

} // namespace sluicebox

#endif
