#include "sim/tcp/incoming.hpp"

#include <algorithm>

#include "net/wire/tcp_options.hpp"

namespace synscope::sim::tcp {
namespace {

constexpr std::uint8_t kFastOpen = 34;       // RFC 7413 section 4.1.1
constexpr std::uint8_t kExperimental = 254;  // RFC 6994
constexpr std::uint16_t kFastOpenMagic = 0xf989;

void read_cookie(ParsedOptions& out, ByteSpan cookie, bool experimental) noexcept {
    if (cookie.size() > out.cookie.size() || cookie.size() % 2 != 0) return;
    // RFC 7413: a cookie is 4 to 16 bytes; an empty one asks for one.
    if (!cookie.empty() && cookie.size() < 4) return;
    out.fastopen = true;
    out.fastopen_experimental = experimental;
    out.cookie_size = static_cast<std::uint8_t>(cookie.size());
    std::copy(cookie.begin(), cookie.end(), out.cookie.begin());
}

void read_sacks(ParsedOptions& out, ByteSpan body) noexcept {
    if (body.empty() || body.size() % 8 != 0 || body.size() > 32) return;
    out.sack_count = 0;
    for (std::size_t at = 0; at < body.size(); at += 8)
        out.sacks[out.sack_count++] = {Seq32{load_be32(body, at)}, Seq32{load_be32(body, at + 4)}};
}

void read_option(ParsedOptions& out, std::uint8_t kind, ByteSpan body, bool syn) noexcept {
    using namespace wire::tcp_option;
    switch (kind) {
        case kMss:
            if (syn && body.size() == 2 && load_be16(body, 0) != 0) out.mss = load_be16(body, 0);
            break;
        case kWindowScale:
            // RFC 7323 §2.3: more than 14 counts as 14.
            if (syn && body.size() == 1) out.window_scale = std::min<std::uint8_t>(load_u8(body, 0), 14);
            break;
        case kSackPermitted:
            out.sack_permitted = out.sack_permitted || (syn && body.empty());
            break;
        case kSack:
            read_sacks(out, body);
            break;
        case kTimestamps:
            if (body.size() != 8) break;
            out.timestamps = true;
            out.ts_value = load_be32(body, 0);
            out.ts_echo = load_be32(body, 4);
            break;
        case kFastOpen:
            if (syn) read_cookie(out, body, false);
            break;
        case kExperimental:
            if (syn && body.size() >= 2 && load_be16(body, 0) == kFastOpenMagic)
                read_cookie(out, body.subspan(2), true);
            break;
        default:
            break;
    }
}

}  // namespace

ParsedOptions parse_options(ByteSpan bytes, bool syn) noexcept {
    ParsedOptions out;
    // Nearly every segment carries nop,nop,timestamps and nothing else.
    if (bytes.size() == 12 && load_be32(bytes, 0) == 0x0101080a) {
        out.timestamps = true;
        out.ts_value = load_be32(bytes, 4);
        out.ts_echo = load_be32(bytes, 8);
        return out;
    }
    for (std::size_t at = 0; at < bytes.size();) {
        const std::uint8_t kind = load_u8(bytes, at);
        if (kind == wire::tcp_option::kEndOfList) break;
        if (kind == wire::tcp_option::kNoOp) {
            ++at;
            continue;
        }
        if (at + 1 >= bytes.size()) break;
        const std::size_t length = load_u8(bytes, at + 1);
        if (length < 2 || at + length > bytes.size()) break;
        read_option(out, kind, bytes.subspan(at + 2, length - 2), syn);
        at += length;
    }
    return out;
}

Incoming::Incoming(const Segment& s) noexcept
    : segment(s),
      seq(s.header.seq),
      ack(s.header.ack),
      end(s.header.seq + s.length()),
      wnd(s.header.window),
      up(s.header.urgent),
      payload(s.payload),
      options(parse_options(s.header.options.span(), s.header.flags.has(wire::TcpFlags::kSyn))) {
    using wire::TcpFlags;
    const TcpFlags flags = s.header.flags;
    syn = flags.has(TcpFlags::kSyn);
    fin = flags.has(TcpFlags::kFin);
    rst = flags.has(TcpFlags::kRst);
    has_ack = flags.has(TcpFlags::kAck);
    psh = flags.has(TcpFlags::kPsh);
    urg = flags.has(TcpFlags::kUrg);
    ece = flags.has(TcpFlags::kEce);
    cwr = flags.has(TcpFlags::kCwr);
    ce = s.ecn == Ecn::Ce;
}

}  // namespace synscope::sim::tcp
