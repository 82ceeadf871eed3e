#include "net/base/sha256.hpp"

#include <sha2.h>

#include "net/base/text.hpp"

namespace synscope {

struct Sha256::State {
    SHA2_CTX context{};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    SHA256Init(&state_->context);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(ByteSpan bytes) noexcept {
    SHA256Update(&state_->context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

Sha256::Digest Sha256::finish() noexcept {
    Digest digest{};
    SHA256Final(reinterpret_cast<std::uint8_t*>(digest.data()), &state_->context);
    SHA256Init(&state_->context);
    return digest;
}

std::string hex_text(const Sha256::Digest& digest) {
    std::string text;
    for (const std::byte b : digest)
        append(text, Hex{std::to_integer<std::uint64_t>(b), 2});
    return text;
}

}  // namespace synscope
