/*
 * Lines of one file, as they are appended to it.
 *
 * Its position is how many bytes were taken, so it goes on where it stood.
 */
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sluicebox.hpp>
#include <string>

namespace {

struct settings {
    sb_text file = {};
    bool ends = false;
};

constexpr sb_option keys_of_settings[] = {SLUICEBOX_REQUIRED(settings, file), SLUICEBOX_OPTION(settings, ends)};
constexpr sb_field line[] = {sluicebox::field("line", SB_UTF8)};

/* The most that is read in one call, and the longest line. */
constexpr std::size_t max_read = std::size_t{1} << 20;

/* Whether bytes are UTF-8. */
bool is_text(std::string_view bytes) {
    auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    for (std::size_t i = 0; i < bytes.size();) {
        unsigned char first = at(i);
        std::size_t more = first < 0x80                    ? 0
                           : first >= 0xc2 && first < 0xe0 ? 1
                           : first >= 0xe0 && first < 0xf0 ? 2
                           : first >= 0xf0 && first < 0xf5 ? 3
                                                           : 4;
        if (more == 4 || i + more >= bytes.size()) return false;
        unsigned char next = more > 0 ? at(i + 1) : 0;
        /* What has a shorter form, the halves of pairs, and what is beyond the last
         * character. */
        if ((first == 0xe0 && next < 0xa0) || (first == 0xed && next >= 0xa0) || (first == 0xf0 && next < 0x90) ||
            (first == 0xf4 && next >= 0x90))
            return false;
        for (std::size_t k = 1; k <= more; k++) {
            if ((at(i + k) & 0xc0) != 0x80) return false;
        }
        i += more + 1;
    }
    return true;
}

struct closing {
    void operator()(std::FILE *file) const { std::fclose(file); }
};

class read_lines {
  public:
    using options = settings;
    static constexpr auto name = "read-lines";
    static constexpr auto doc = "Lines of a file, as UTF-8; those that aren't "
                                "are counted as `lines_dropped`.";
    static constexpr bool replayable = true;
    static constexpr sb_schema output = sluicebox::columns(line);
    static constexpr sb_config config = sluicebox::config<settings>(keys_of_settings);

    explicit read_lines(const settings &settings) : path_(sluicebox::view(settings.file)), ends_(settings.ends) {}

    int start(std::optional<std::string_view> position) {
        if (!position) return SB_OK;
        if (position->size() != sizeof offset_) return sluicebox::fail(SB_FAILED, "its position is of another receiver");
        std::memcpy(&offset_, position->data(), sizeof offset_);
        return SB_OK;
    }

    int receive(sluicebox::received &received) {
        std::unique_ptr<std::FILE, closing> file(std::fopen(path_.c_str(), "rb"));
        if (!file) return sluicebox::fail(SB_UNAVAILABLE, errno == ENOENT ? path_ + " is not there" : path_ + ": " + std::strerror(errno));
        read_.resize(max_read + 1);
        if (fseeko(file.get(), static_cast<off_t>(offset_), SEEK_SET) != 0) return unavailable();
        std::string_view rest(read_.data(), std::fread(read_.data(), 1, read_.size(), file.get()));
        if (std::ferror(file.get())) return unavailable();

        bool at_end = rest.size() <= max_read;
        while (received.rows().rows() < received.max_rows() && !rest.empty()) {
            std::size_t end = rest.find('\n');
            bool is_whole = end != std::string_view::npos;
            if (!is_whole && !(at_end && ends_)) {
                if (rest.size() > max_read)
                    return sluicebox::fail(SB_FAILED, "a line of " + path_ + " has more than " + std::to_string(max_read) + " bytes");
                break;
            }
            std::string_view line = rest.substr(0, end);
            if (is_text(line)) {
                received.rows().put(0, line);
                received.rows().end_row();
            } else {
                sluicebox::count("lines_dropped", 1);
            }
            std::size_t taken = line.size() + is_whole;
            rest.remove_prefix(taken);
            offset_ += taken;
        }
        std::span<char> position = sluicebox::alloc<char>(sizeof offset_);
        std::memcpy(position.data(), &offset_, sizeof offset_);
        received.stands_at({position.data(), position.size()});
        if (at_end && ends_ && rest.empty()) received.end();
        return SB_OK;
    }

  private:
    int unavailable() { return sluicebox::fail(SB_UNAVAILABLE, path_ + ": " + std::strerror(errno)); }

    std::string path_;
    bool ends_;
    std::uint64_t offset_ = 0;
    std::string read_;
};

} // namespace

SLUICEBOX_RECEIVERS(sluicebox::receiver<read_lines>())
