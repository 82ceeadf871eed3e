#include "ui/app/capture_ring.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include "capture/pcapng/block_reader.hpp"
#include "capture/trace/safe_file.hpp"
#include "net/base/text.hpp"

namespace synscope::app {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> size(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const std::size_t unit = std::string_view{"kMG"}.find(text.back());
    const unsigned shift = unit == std::string_view::npos ? 0 : 10 * (static_cast<unsigned>(unit) + 1);
    const auto value = number(shift == 0 ? text : text.substr(0, text.size() - 1));
    if (!value || *value == 0 || *value > (std::uint64_t{1} << 50 >> shift)) return std::nullopt;
    return *value << shift;
}

/// The files of one ring.
class Ring {
  public:
    Ring(const RingLimits& limits, const std::string& path) : limits_(limits), path_(path) {}

    Result<void, UserError> block(const pcapng::Item& item) {
        // Every file begins with these, so that each opens alone.
        const bool preamble = std::holds_alternative<pcapng::SectionItem>(item.content) ||
                              std::holds_alternative<pcapng::InterfaceItem>(item.content);
        if (preamble) preamble_.insert(preamble_.end(), item.block.begin(), item.block.end());
        const bool full =
            file_ && written_ > preamble_.size() && written_ + item.block.size() > limits_.bytes;
        if (full) {
            if (auto closed = close(); !closed) return closed;
        }
        if (!file_) {
            if (auto opened = open(); !opened) return opened;
            if (preamble) return {};  // it has just been written with the rest of the preamble
        }
        return write(item.block);
    }
    Result<void, UserError> close() {
        if (!file_) return {};
        auto kept = file_->commit();
        file_.reset();
        if (!kept) return kept;
        names_.push_back(name_);
        if (names_.size() > limits_.files) {
            ::unlink(names_.front().c_str());
            names_.pop_front();
        }
        return {};
    }

  private:
    Result<void, UserError> open() {
        name_ = concat(path_, '.', Padded{++count_, 5, '0'}, ".pcapng");
        auto file = trace::SafeFile::create(name_);
        if (!file) return failure(file.error());
        file_.emplace(std::move(*file));
        written_ = 0;
        return write(preamble_);
    }
    Result<void, UserError> write(ByteSpan bytes) {
        if (!trace::write_all(file_->fd(), bytes)) return failure(trace::cannot_write(name_));
        written_ += bytes.size();
        return {};
    }

    const RingLimits& limits_;
    const std::string& path_;
    std::vector<std::byte> preamble_;
    std::optional<trace::SafeFile> file_;
    std::string name_;
    std::deque<std::string> names_;
    std::uint64_t written_ = 0;
    std::int64_t count_ = 0;
};

}  // namespace

Result<RingLimits, UserError> parse_ring(std::string_view text) {
    const std::size_t comma = text.find(',');
    const auto bytes = size(text.substr(0, comma));
    const auto files = comma == std::string_view::npos ? std::nullopt : number(text.substr(comma + 1));
    if (!bytes || !files || *files == 0 || *files > 100'000)
        return failure(UserError{"a ring is SIZE,FILES", concat("--ring ", text),
                                 "For example --ring 10M,5: five files of 10 MiB."});
    return RingLimits{*bytes, static_cast<std::uint32_t>(*files)};
}

Result<void, UserError> write_ring(int fd, const RingLimits& limits, const std::string& path) {
    Ring ring{limits, path};
    pcapng::BlockReader reader;
    std::array<std::byte, 65536> buffer;
    while (true) {
        const ssize_t n = read(fd, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failure(UserError{std::strerror(errno), "the capture's stream", ""});
        if (n == 0) reader.finish();
        reader.feed({buffer.data(), static_cast<std::size_t>(n)});
        while (true) {
            const auto item = reader.next();
            if (!item) {
                static_cast<void>(ring.close());  // the whole blocks of the last file are worth keeping
                return failure(UserError{pcapng::block_error_text(item.error()), "the capture's stream", ""});
            }
            if (!*item) break;
            if (auto written = ring.block(**item); !written) return written;
        }
        if (n == 0) return ring.close();
    }
}

}  // namespace synscope::app
