#include "net/wire/tcp_options.hpp"

#include "net/base/text.hpp"

namespace synscope::wire {
namespace {

using namespace tcp_option;

// As in net/base/event.hpp, which this folder has no other use for.
template <class... Fs>
struct Cases : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Cases(Fs...) -> Cases<Fs...>;

/// Writes kind, length and what the body holds; OptionBytes refuses bytes beyond its capacity.
class Writer {
  public:
    explicit Writer(OptionBytes& out) noexcept : out_(out) {}
    void byte(std::uint8_t value) noexcept { fits_ = out_.push(static_cast<std::byte>(value)) && fits_; }
    void head(std::uint8_t kind, std::size_t body) noexcept {
        byte(kind);
        byte(static_cast<std::uint8_t>(body + 2));
        fits_ = fits_ && body <= OptionBytes::kCapacity;
    }
    void be16(std::uint32_t value) noexcept {
        byte(static_cast<std::uint8_t>(value >> 8 & 0xff));
        byte(static_cast<std::uint8_t>(value & 0xff));
    }
    void be32(std::uint32_t value) noexcept {
        be16(value >> 16);
        be16(value & 0xffff);
    }
    [[nodiscard]] bool fits() const noexcept { return fits_; }

  private:
    OptionBytes& out_;
    bool fits_ = true;
};

}  // namespace

bool append_tcp_option(OptionBytes& out, const TcpOption& option) noexcept {
    OptionBytes grown = out;
    Writer writer{grown};
    const bool writable = std::visit(
        Cases{
            [&](EndOfList) { return writer.byte(kEndOfList), true; },
            [&](NoOp) { return writer.byte(kNoOp), true; },
            [&](Mss mss) { return writer.head(kMss, 2), writer.be16(mss.value), true; },
            [&](WindowScale scale) { return writer.head(kWindowScale, 1), writer.byte(scale.shift), true; },
            [&](SackPermitted) { return writer.head(kSackPermitted, 0), true; },
            [&](const Sack& sack) {
                if (sack.count == 0 || sack.count > sack.blocks.size()) return false;
                writer.head(kSack, sack.count * std::size_t{8});
                for (std::size_t i = 0; i < sack.count; ++i) {
                    writer.be32(sack.blocks[i].left.raw());
                    writer.be32(sack.blocks[i].right.raw());
                }
                return true;
            },
            [&](Timestamps ts) {
                return writer.head(kTimestamps, 8), writer.be32(ts.value), writer.be32(ts.echo), true;
            },
            [&](const Unknown& unknown) {
                writer.head(unknown.kind, unknown.bytes.size());
                for (const std::byte b : unknown.bytes)
                    writer.byte(std::to_integer<std::uint8_t>(b));
                return true;
            },
            [](tcp_option::Malformed) { return false; },
        },
        option);
    if (!writable || !writer.fits()) return false;
    out = grown;
    return true;
}

std::string tcp_option_text(const TcpOption& option, Seq32 sack_zero) {
    return std::visit(
        Cases{
            [](EndOfList) { return std::string{"eol"}; },
            [](NoOp) { return std::string{"nop"}; },
            [](Mss mss) { return concat("mss ", mss.value); },
            [](WindowScale scale) { return concat("wscale ", scale.shift); },
            [](SackPermitted) { return std::string{"sackOK"}; },
            [&](const Sack& sack) {
                std::string out = concat("sack ", sack.count, ' ');
                for (std::size_t i = 0; i < sack.count; ++i)
                    append(out, concat('{', sack.blocks[i].left.raw() - sack_zero.raw(), ':',
                                       sack.blocks[i].right.raw() - sack_zero.raw(), '}'));
                return out;
            },
            [](Timestamps ts) { return concat("TS val ", ts.value, " ecr ", ts.echo); },
            [](const Unknown& unknown) {
                std::string out = concat("unknown-", unknown.kind);
                if (!unknown.bytes.empty()) out += " 0x";
                for (const std::byte b : unknown.bytes)
                    append(out, Hex{std::to_integer<std::uint64_t>(b), 2});
                return out;
            },
            [](tcp_option::Malformed malformed) { return concat("malformed at ", malformed.offset); },
        },
        option);
}

std::string tcp_options_text(ByteSpan options, Seq32 sack_zero) {
    std::string out;
    for (const TcpOption& option : TcpOptions{options}) {
        out += out.empty() ? '<' : ',';
        out += tcp_option_text(option, sack_zero);
    }
    if (!out.empty()) out += '>';
    return out;
}

}  // namespace synscope::wire
