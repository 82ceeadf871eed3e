#pragma once
// Capture filters (the language of pcap-filter(7)) on packets that are here already; the live capture hands
// the same programs to the kernel. libpcap compiles them.
//
//     BpfFilter filter("tcp port 80");
//     if (auto bad = filter.prepare(source->link_type()); !bad) ...     // wrong usage
//     auto kept = filter.matches(link, packet.bytes, packet.original_length);
//
// A program is made for one kind of link, so the filter compiles its expression again for each kind it meets
// (a pcapng file may hold several). Thread rule: prepare() and matches() change the filter: one thread, or
// one copy per thread. An expression may be compiled while another thread compiles one: libpcap can since
// 1.8, and we ask for 1.10.

#include <cstdint>
#include <memory>
#include <string>

#include "net/base/bytes.hpp"
#include "net/base/result.hpp"
#include "net/wire/link_type.hpp"

namespace synscope::source {

class BpfFilter {
  public:
    /// An empty expression matches everything.
    explicit BpfFilter(std::string expression);
    BpfFilter(const BpfFilter& other);
    BpfFilter(BpfFilter&&) noexcept;
    BpfFilter& operator=(const BpfFilter& other);
    BpfFilter& operator=(BpfFilter&&) noexcept;
    ~BpfFilter();

    /// Compiles the expression for `link` unless that is done. Fails with libpcap's words when the expression
    /// is wrong, or asks for what such links do not have.
    [[nodiscard]] Result<void, UserError> prepare(wire::LinkType link);
    /// Whether a packet passes. `bytes` is what was captured of `original_length` bytes. Fails as prepare().
    [[nodiscard]] Result<bool, UserError> matches(wire::LinkType link, ByteSpan bytes,
                                                  std::uint32_t original_length);
    [[nodiscard]] const std::string& expression() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::source
