#include "ui/app/analyze_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

#include "capture/analyze/checked_source.hpp"
#include "capture/source/file.hpp"
#include "capture/source/merged_source.hpp"
#include "capture/trace/safe_file.hpp"
#include "net/base/escape.hpp"
#include "net/base/text.hpp"
#include "ui/render/session_notice.hpp"

namespace synscope::app {

namespace {

constexpr std::size_t kPieceBytes = 1u << 18;

std::string shown_name(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

UserError cannot(std::string_view operation, const std::string& name) {
    return {concat("cannot ", operation, " the capture: ", std::strerror(errno)), name, ""};
}

/// A file without a name, gone when it is closed.
int temporary_file() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = concat(folder != nullptr && *folder != '\0' ? folder : "/tmp", "/synscope.XXXXXX");
    const int fd = mkostemp(path.data(), O_CLOEXEC);
    if (fd >= 0) unlink(path.c_str());
    return fd;
}

Result<int, UserError> spooled(int from, const std::string& name) {
    const int to = temporary_file();
    if (to < 0) return failure(cannot("keep", name));
    std::vector<std::byte> piece(kPieceBytes);
    for (;;) {
        const ssize_t n = read(from, piece.data(), piece.size());
        if (n < 0 && errno == EINTR) continue;
        if (n == 0) return to;
        const bool kept = n > 0 && trace::write_all(to, ByteSpan(piece).first(static_cast<std::size_t>(n)));
        if (kept) continue;
        UserError error = cannot(n < 0 ? "read" : "keep", name);
        close(to);
        return failure(std::move(error));
    }
}

}  // namespace

struct AnalyzeInput::File {
    std::string path;     ///< to be opened
    std::string shown;    ///< in messages
    int descriptor = -1;  ///< of the temporary file; -1 when there is none
};

AnalyzeInput::AnalyzeInput(std::vector<File> files) : files_(std::move(files)) {}
AnalyzeInput::AnalyzeInput(AnalyzeInput&&) noexcept = default;
AnalyzeInput& AnalyzeInput::operator=(AnalyzeInput&&) noexcept = default;

AnalyzeInput::~AnalyzeInput() {
    for (const File& file : files_)
        if (file.descriptor >= 0) close(file.descriptor);
}

Result<AnalyzeInput, UserError> AnalyzeInput::open(std::vector<std::string> files, bool again) {
    AnalyzeInput input({});
    for (const std::string& path : files) {
        input.files_.push_back({path, shown_name(path), -1});
        File& file = input.files_.back();
        struct stat about {};
        const bool regular = path != "-" && stat(path.c_str(), &about) == 0 &&
                             (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode));
        if (regular || !again) continue;
        const int from = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (from < 0) return failure(cannot("open", file.shown));
        const auto kept = spooled(from, file.shown);
        if (from != STDIN_FILENO) close(from);
        if (!kept) return failure(kept.error());
        file.descriptor = *kept;
        file.path = concat("/proc/self/fd/", *kept);
    }
    return input;
}

Result<std::unique_ptr<source::PacketSource>, UserError> AnalyzeInput::merged(
    trace::SessionCheck* checks) const {
    std::vector<std::unique_ptr<source::PacketSource>> sources;
    for (const File& file : files_) {
        auto source = source::open_capture_as(file.path, file.shown, source::Access::Read);
        if (!source) return source;
        if (checks != nullptr)
            source = analyze::CheckedSource::watch(std::move(*source), checks[sources.size()]);
        sources.push_back(std::move(*source));
    }
    if (sources.size() == 1) return std::move(sources.front());
    return std::make_unique<source::MergedSource>(std::move(sources));
}

Result<std::unique_ptr<source::PacketSource>, UserError> AnalyzeInput::source() const {
    return merged(nullptr);
}

Result<std::unique_ptr<source::PacketSource>, UserError> AnalyzeInput::source(
    std::vector<trace::SessionCheck>& checks) const {
    checks.assign(files_.size(), {});
    return merged(checks.data());
}

namespace {

void append_remarks(std::vector<std::string>& notes, const trace::Remarks& remarks, std::string_view on) {
    for (const trace::Remark& remark : remarks.first)
        notes.push_back(
            concat("comment on ", on, remark.packet > 0 ? concat(' ', remark.packet) : "", ": ",
                   escaped(remark.text, Medium::Terminal),
                   remark.text.size() < remark.bytes ? concat("... (", remark.bytes, " bytes)") : ""));
    if (const std::uint64_t more = remarks.count - remarks.first.size(); more > 0)
        notes.push_back(concat("and ", more, more == 1 ? " more comment on a " : " more comments on ", on,
                               more == 1 ? "" : "s"));
}

}  // namespace

std::vector<std::string> AnalyzeInput::notes(const std::vector<trace::SessionCheck>& checks) const {
    std::vector<std::string> notes;
    for (std::size_t i = 0; i < checks.size(); ++i) {
        const trace::SessionSummary& session = checks[i].summary();
        std::vector<std::string> found = render::session_notices(session);
        if (session.has_our_events)
            found.insert(found.begin(),
                         concat("session of Synscope: ", session.events,
                                session.events == 1 ? " event" : " events", " beside the packets"));
        append_remarks(found, checks[i].section_comments(), "section");
        append_remarks(found, checks[i].packet_comments(), "packet");
        for (std::string& sentence : found)
            notes.push_back(checks.size() == 1
                                ? std::move(sentence)
                                : concat(escaped(files_[i].shown, Medium::Terminal), ": ", sentence));
    }
    return notes;
}

std::string AnalyzeInput::name() const {
    std::string out;
    for (const File& file : files_) {
        if (!out.empty()) out += ", ";
        out += file.shown;
    }
    return out;
}

}  // namespace synscope::app
