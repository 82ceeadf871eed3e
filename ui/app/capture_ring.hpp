#pragma once
// A recording over several files of bounded size, of which the newest are kept.
//
// The stream is cut between blocks; each file begins with the section header and interface blocks, so each
// opens alone. Files are FILE.00001.pcapng, FILE.00002.pcapng, ...; each is private (0600) and appears when
// it is complete. Thread rule: one thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "net/base/result.hpp"

namespace synscope::app {

struct RingLimits {
    std::uint64_t bytes = 0;
    std::uint32_t files = 0;
};
/// "10M,5": k, M and G are powers of 1024.
[[nodiscard]] Result<RingLimits, UserError> parse_ring(std::string_view text);

/// Copies the pcapng stream `fd` until its end.
Result<void, UserError> write_ring(int fd, const RingLimits& limits, const std::string& path);

}  // namespace synscope::app
