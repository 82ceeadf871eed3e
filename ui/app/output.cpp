#include "ui/app/output.hpp"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "ui/app/command.hpp"

namespace synscope::app {

namespace {

constexpr std::size_t kPieceBytes = 1u << 16;

}  // namespace

Result<TextOutput, UserError> TextOutput::open(const std::string& path) {
    if (path.empty() || path == "-") return TextOutput{std::nullopt};
    auto file = trace::SafeFile::create(path);
    if (!file) return failure(file.error());
    return TextOutput{std::move(*file)};
}

bool TextOutput::write(std::string_view text) {
    pending_ += text;
    return pending_.size() < kPieceBytes || flush();
}

bool TextOutput::flush() {
    const std::string piece = std::exchange(pending_, {});
    if (error_ || reader_gone_) return false;
    if (file_) {
        if (auto written = file_->write(piece); !written) error_ = written.error();
    } else if (!trace::write_all(STDOUT_FILENO, std::string_view{piece})) {
        reader_gone_ = errno == EPIPE;
        if (!reader_gone_) error_ = trace::cannot_write("standard output");
    }
    return !error_ && !reader_gone_;
}

Result<void, UserError> TextOutput::finish() {
    flush();
    if (error_) return failure(*error_);
    if (file_) return file_->commit();
    return {};
}

Result<void, UserError> spares_inputs(const std::string& output, const std::vector<std::string>& inputs) {
    struct stat to {};
    if (output.empty() || output == "-" || stat(output.c_str(), &to) != 0 || !S_ISREG(to.st_mode)) return {};
    for (const std::string& input : inputs) {
        struct stat from {};
        const bool known = input == "-" ? fstat(STDIN_FILENO, &from) == 0 : stat(input.c_str(), &from) == 0;
        if (known && from.st_dev == to.st_dev && from.st_ino == to.st_ino)
            return failure(UserError{"the output would replace the file that is read", output,
                                     "Choose another name for it."});
    }
    return {};
}

int print_text(std::string_view text) {
    auto out = TextOutput::open({});
    if (!out) return report(out.error());
    out->write(text);
    const auto written = out->finish();
    return written ? kDone : report(written.error());
}

bool stdout_is_terminal() {
    return isatty(STDOUT_FILENO) == 1;
}

int terminal_width(int otherwise) {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return otherwise;
}

}  // namespace synscope::app
