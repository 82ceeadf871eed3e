#pragma once
// The captures that one command reads, perhaps more than once: what every line of a table says about its
// connection is known only at the end of the capture. A pipe can be read once, so what comes through it is
// kept in an unlinked temporary file. Thread rule: one thread.

#include <memory>
#include <string>
#include <vector>

#include "capture/source/packet_source.hpp"
#include "capture/trace/session_check.hpp"
#include "net/base/result.hpp"

namespace synscope::app {

class AnalyzeInput {
  public:
    /// `files` as on the command line, "-" being standard input. With `again`, source() may be called more
    /// than once.
    [[nodiscard]] static Result<AnalyzeInput, UserError> open(std::vector<std::string> files, bool again);
    AnalyzeInput(AnalyzeInput&&) noexcept;
    AnalyzeInput& operator=(AnalyzeInput&&) noexcept;
    ~AnalyzeInput();

    /// From the first packet on.
    [[nodiscard]] Result<std::unique_ptr<source::PacketSource>, UserError> source() const;
    /// The same, and what each file turns out to be as a session: `checks` gets one per file, is changed by
    /// reading, and must stay as it is as long as the source.
    [[nodiscard]] Result<std::unique_ptr<source::PacketSource>, UserError> source(
        std::vector<trace::SessionCheck>& checks) const;
    /// What a check found that a user should hear, in sentences, naming the file where there are several.
    [[nodiscard]] std::vector<std::string> notes(const std::vector<trace::SessionCheck>& checks) const;
    /// For messages: the names, joined.
    [[nodiscard]] std::string name() const;

  private:
    struct File;
    explicit AnalyzeInput(std::vector<File> files);
    /// `checks`: null when nobody asks.
    [[nodiscard]] Result<std::unique_ptr<source::PacketSource>, UserError> merged(
        trace::SessionCheck* checks) const;
    std::vector<File> files_;
};

}  // namespace synscope::app
