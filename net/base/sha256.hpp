#pragma once
// SHA-256 (FIPS 180-4): the digest that names a file's content, fed in pieces of any size. libmd does the
// sums.
//
//   Sha256 sum;
//   sum.update(bytes);
//   const std::string text = hex_text(sum.finish());
//
// Ownership: an object owns its state and moves with it. Thread rule: one thread an object.

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "net/base/bytes.hpp"

namespace synscope {

class Sha256 {
  public:
    using Digest = std::array<std::byte, 32>;

    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();

    void update(ByteSpan bytes) noexcept;
    /// What was fed so far; then it starts anew.
    [[nodiscard]] Digest finish() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// 64 digits, lower case, as sha256sum prints it.
[[nodiscard]] std::string hex_text(const Sha256::Digest& digest);

}  // namespace synscope
