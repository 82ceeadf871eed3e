#pragma once
// libpcap's handle and program as owners, and the one place that compiles a filter. For this folder's own
// sources. Thread rule: one thread per handle.

#include <pcap.h>

#include <memory>
#include <string>
#include <utility>

#include "net/base/result.hpp"

namespace synscope::source {

struct PcapCloser {
    void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapCloser>;

/// A compiled filter.
class BpfProgram {
  public:
    BpfProgram() = default;
    BpfProgram(const BpfProgram&) = delete;
    BpfProgram& operator=(const BpfProgram&) = delete;
    BpfProgram(BpfProgram&& other) noexcept : code_(std::exchange(other.code_, {})) {}
    BpfProgram& operator=(BpfProgram&& other) noexcept {
        std::swap(code_, other.code_);
        return *this;
    }
    ~BpfProgram() { pcap_freecode(&code_); }

    /// For the link type of `handle`. Fails with libpcap's words.
    [[nodiscard]] static Result<BpfProgram, UserError> compile(pcap_t* handle, const std::string& expression);
    [[nodiscard]] const bpf_program& code() const noexcept { return code_; }
    [[nodiscard]] bpf_program& code() noexcept { return code_; }

  private:
    bpf_program code_{};
};

}  // namespace synscope::source
