#include "net/engine/descriptors.hpp"

#include <sys/resource.h>

namespace synscope::engine {

std::optional<std::uint64_t> at_most_descriptors(std::uint64_t needed) noexcept {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= needed) return std::nullopt;
    if (limit.rlim_max < needed) return limit.rlim_max;
    limit.rlim_cur = needed;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return limit.rlim_cur;
    return std::nullopt;
}

}  // namespace synscope::engine
