#include "capture/dissect/tls.hpp"

#include <algorithm>

#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

constexpr std::size_t kRecordHeader = 5;
/// 2^14 and what encryption may add (RFC 5246 section 6.2.3).
constexpr std::size_t kLargestRecord = 16'384 + 2048;
constexpr std::size_t kMostRecords = 200;

// Content types (RFC 8446 section 5.1; heartbeat: RFC 6520 section 3).
constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kAlert = 21;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kApplicationData = 23;
constexpr std::uint8_t kHeartbeat = 24;

std::string_view content_name(std::uint8_t type) noexcept {
    switch (type) {
        case kChangeCipherSpec:
            return "Change Cipher Spec";
        case kAlert:
            return "Alert";
        case kHandshake:
            return "Handshake";
        case kApplicationData:
            return "Application Data";
        case kHeartbeat:
            return "Heartbeat";
        default:
            return {};
    }
}

std::string_view alert_name(std::uint8_t description) noexcept {
    switch (description) {
        case 0:
            return "close notify";
        case 10:
            return "unexpected message";
        case 20:
            return "bad record MAC";
        case 40:
            return "handshake failure";
        case 42:
            return "bad certificate";
        case 45:
            return "certificate expired";
        case 46:
            return "certificate unknown";
        case 47:
            return "illegal parameter";
        case 48:
            return "unknown CA";
        case 49:
            return "access denied";
        case 50:
            return "decode error";
        case 51:
            return "decrypt error";
        case 70:
            return "protocol version";
        case 71:
            return "insufficient security";
        case 80:
            return "internal error";
        case 86:
            return "inappropriate fallback";
        case 90:
            return "user canceled";
        case 109:
            return "missing extension";
        case 112:
            return "unrecognized name";
        case 116:
            return "certificate required";
        case 120:
            return "no application protocol";
        default:
            return {};
    }
}

bool is_record(ByteSpan bytes, std::size_t at) noexcept {
    if (at + kRecordHeader > bytes.size()) return false;
    const std::uint8_t type = load_u8(bytes, at);
    const std::size_t length = load_be16(bytes, at + 3);
    return type >= kChangeCipherSpec && type <= kHeartbeat && load_u8(bytes, at + 1) == 3 &&
           load_u8(bytes, at + 2) <= 4 && length != 0 && length <= kLargestRecord;
}

/// Returns what goes into the title.
std::string add_record(const Piece& piece, std::size_t at, bool encrypted, FieldWriter& fields) {
    const std::uint8_t type = load_u8(piece.bytes, at);
    const std::uint16_t version = load_be16(piece.bytes, at + 1);
    const std::size_t length = load_be16(piece.bytes, at + 3);
    const std::size_t here = std::min(length, piece.bytes.size() - at - kRecordHeader);
    fields.group("tls.record", "Record", at, kRecordHeader + here, std::string{content_name(type)});
    if (here < length) fields.note(concat("the segment holds ", here, " of ", length, " bytes"));
    fields.number("tls.record.content_type", "Content type", at, 1, type,
                  FieldWriter::named(type, content_name(type)));
    fields.deeper();
    fields.number("tls.record.version", "Version", at + 1, 2, version,
                  FieldWriter::named_hex(version, tls_version_name(version)));
    fields.deeper();
    fields.u16("tls.record.length", "Length", at + 3).deeper();
    const std::size_t body = at + kRecordHeader;
    if (type == kHandshake && !encrypted) return add_tls_handshake(piece, body, here, fields);
    if (type == kAlert && length == 2 && here == 2) {
        const std::uint8_t level = load_u8(piece.bytes, body);
        const std::uint8_t description = load_u8(piece.bytes, body + 1);
        fields.number("tls.alert_message.level", "Level", body, 1, level,
                      FieldWriter::named(level, level == 1   ? "warning"
                                                : level == 2 ? "fatal"
                                                             : ""));
        fields.deeper();
        fields.number("tls.alert_message.desc", "Description", body + 1, 1, description,
                      FieldWriter::named(description, alert_name(description)));
        fields.deeper();
        return concat("Alert ", alert_name(description));
    }
    if (type == kApplicationData)
        fields.hex_bytes("tls.app_data", "Encrypted data", body, here).deeper();
    else if (type == kChangeCipherSpec)
        fields.hex_bytes("tls.change_cipher_spec", "Change cipher spec", body, here).deeper();
    else
        fields.hex_bytes("tls.record.opaque", "Encrypted", body, here).deeper();
    return std::string{content_name(type)};
}

}  // namespace

std::string_view tls_version_name(std::uint16_t version) noexcept {
    switch (version) {
        case 0x0002:
            return "SSL 2.0";
        case 0x0300:
            return "SSL 3.0";
        case 0x0301:
            return "TLS 1.0";
        case 0x0302:
            return "TLS 1.1";
        case 0x0303:
            return "TLS 1.2";
        case 0x0304:
            return "TLS 1.3";
        default:
            return {};
    }
}

bool looks_like_tls(ByteSpan bytes) noexcept {
    return is_record(bytes, 0);
}

Next dissect_tls(const Piece& piece, State& state, Layer& layer) {
    FieldWriter fields{piece, layer};
    layer.title = "TLS";
    std::size_t at = 0;
    bool encrypted = false;
    for (std::size_t records = 0; records < kMostRecords && is_record(piece.bytes, at); ++records) {
        if (!state.names_only) append(layer.title, concat(", ", add_record(piece, at, encrypted, fields)));
        // What one side sends behind its Change Cipher Spec is encrypted (RFC 5246 section 7.1).
        encrypted = encrypted || load_u8(piece.bytes, at) == kChangeCipherSpec;
        at += std::min(kRecordHeader + load_be16(piece.bytes, at + 3), piece.bytes.size() - at);
    }
    layer.bytes.end = piece.at + at;
    if (at >= piece.bytes.size()) return {};
    return {NextBy::Data, 0, piece.behind(at)};
}

}  // namespace synscope::dissect
