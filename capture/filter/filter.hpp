#pragma once
// Display filters in Wireshark's syntax, for the fields of field_table.hpp: docs/FILTERS.md.
//
//     const auto filter = Filter::compile("tcp.flags.syn == 1 && ip.addr == 10.0.0.0/8");
//     if (!filter) ... filter.error().message, point_at(text, filter.error())
//     if (filter->needs().dissection) facts.dissection = &dissection;
//     if (filter->matches(facts)) ...
//
// Meanings follow Wireshark 4.0: a comparison with a field that is absent is false; a field that occurs more
// than once satisfies == when one occurrence does, != when all do. Time and memory are bounded, whatever the
// expression: its length, its depth, and the work of a regular expression have limits. Thread rule: a filter
// does not change; matches() may run in several threads at once.

#include <memory>
#include <string_view>

#include "capture/filter/filter_error.hpp"
#include "capture/filter/packet_facts.hpp"
#include "net/base/result.hpp"

namespace synscope::filter {

/// Longer texts are refused.
inline constexpr std::size_t kMaxFilterSize = 65'536;

class Filter {
  public:
    /// An empty text (or one of spaces) matches every packet.
    [[nodiscard]] static Result<Filter, FilterError> compile(std::string_view text);
    Filter(Filter&&) noexcept;
    Filter& operator=(Filter&&) noexcept;
    ~Filter();

    [[nodiscard]] bool matches(const PacketFacts& packet) const;
    [[nodiscard]] Needs needs() const noexcept;

  private:
    struct Impl;
    explicit Filter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace synscope::filter
