#pragma once
// Literal bytes in tests.

#include <array>
#include <cstddef>
#include <vector>

#include "net/base/bytes.hpp"

namespace synscope::test {

template <class... Ints>
[[nodiscard]] constexpr std::array<std::byte, sizeof...(Ints)> bytes(Ints... values) {
    return {static_cast<std::byte>(values)...};
}

template <class... Arrays>
[[nodiscard]] std::vector<std::byte> join(const Arrays&... parts) {
    std::vector<std::byte> out;
    (out.insert(out.end(), parts.begin(), parts.end()), ...);
    return out;
}

}  // namespace synscope::test
