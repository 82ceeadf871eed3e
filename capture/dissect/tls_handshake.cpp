#include <algorithm>

#include "capture/dissect/tls.hpp"
#include "net/base/text.hpp"

namespace synscope::dissect {
namespace {

constexpr std::size_t kMostItems = 400;

std::string_view handshake_name(std::uint8_t type) noexcept {
    switch (type) {
        case 0:
            return "Hello Request";
        case 1:
            return "Client Hello";
        case 2:
            return "Server Hello";
        case 4:
            return "New Session Ticket";
        case 5:
            return "End Of Early Data";
        case 8:
            return "Encrypted Extensions";
        case 11:
            return "Certificate";
        case 12:
            return "Server Key Exchange";
        case 13:
            return "Certificate Request";
        case 14:
            return "Server Hello Done";
        case 15:
            return "Certificate Verify";
        case 16:
            return "Client Key Exchange";
        case 20:
            return "Finished";
        case 22:
            return "Certificate Status";
        case 24:
            return "Key Update";
        default:
            return {};
    }
}

std::string_view extension_name(std::uint16_t type) noexcept {
    switch (type) {
        case 0:
            return "server_name";
        case 1:
            return "max_fragment_length";
        case 5:
            return "status_request";
        case 10:
            return "supported_groups";
        case 11:
            return "ec_point_formats";
        case 13:
            return "signature_algorithms";
        case 16:
            return "application_layer_protocol_negotiation";
        case 18:
            return "signed_certificate_timestamp";
        case 21:
            return "padding";
        case 22:
            return "encrypt_then_mac";
        case 23:
            return "extended_master_secret";
        case 27:
            return "compress_certificate";
        case 28:
            return "record_size_limit";
        case 35:
            return "session_ticket";
        case 41:
            return "pre_shared_key";
        case 42:
            return "early_data";
        case 43:
            return "supported_versions";
        case 44:
            return "cookie";
        case 45:
            return "psk_key_exchange_modes";
        case 49:
            return "post_handshake_auth";
        case 50:
            return "signature_algorithms_cert";
        case 51:
            return "key_share";
        case 0xfe0d:
            return "encrypted_client_hello";
        case 0xff01:
            return "renegotiation_info";
        default:
            return {};
    }
}

/// Walks through a message; every step asks first whether the bytes are there. Offsets count in the layer.
class Reader {
  public:
    Reader(const Piece& piece, std::size_t at, std::size_t size) noexcept
        : bytes_(piece.bytes), at_(at), end_(at + size) {}

    [[nodiscard]] std::size_t at() const noexcept { return at_; }
    [[nodiscard]] std::size_t left() const noexcept { return end_ - at_; }
    [[nodiscard]] bool has(std::size_t size) const noexcept { return left() >= size; }
    [[nodiscard]] std::uint8_t peek_u8(std::size_t ahead = 0) const noexcept {
        return load_u8(bytes_, at_ + ahead);
    }
    [[nodiscard]] std::uint16_t peek_u16(std::size_t ahead = 0) const noexcept {
        return load_be16(bytes_, at_ + ahead);
    }
    void skip(std::size_t size) noexcept { at_ += std::min(size, left()); }
    [[nodiscard]] std::string text(std::size_t size) const {
        std::string out;
        for (const std::byte b : bytes_.subspan(at_, size))
            out += std::to_integer<char>(b);
        return out;
    }
    /// A reader of the next `size` bytes, or of what is there.
    [[nodiscard]] Reader part(std::size_t size) const noexcept {
        Reader out = *this;
        out.end_ = at_ + std::min(size, left());
        return out;
    }

  private:
    ByteSpan bytes_;
    std::size_t at_;
    std::size_t end_;
};

void add_server_name(Reader in, FieldWriter& fields) {
    if (!in.has(2)) return;
    in.skip(2);
    for (std::size_t i = 0; i < kMostItems && in.has(3); ++i) {
        const std::size_t size = in.peek_u16(1);
        const bool host = in.peek_u8() == 0;
        in.skip(3);
        if (!in.has(size)) return;
        if (host)
            fields.text("tls.handshake.extensions_server_name", "Server name", in.at(), size, in.text(size))
                .deeper(3)
                .help("The name the client wants to talk to, readable by everyone on the way.");
        in.skip(size);
    }
}

void add_alpn(Reader in, FieldWriter& fields) {
    if (!in.has(2)) return;
    in.skip(2);
    for (std::size_t i = 0; i < kMostItems && in.has(1); ++i) {
        const std::size_t size = in.peek_u8();
        in.skip(1);
        if (!in.has(size)) return;
        fields.text("tls.handshake.extensions_alpn_str", "Protocol", in.at(), size, in.text(size)).deeper(3);
        in.skip(size);
    }
}

/// A client lists versions behind a one-byte length, a server names one.
void add_versions(Reader in, bool client, FieldWriter& fields) {
    if (client) in.skip(1);
    for (std::size_t i = 0; i < kMostItems && in.has(2); ++i) {
        const std::uint16_t version = in.peek_u16();
        fields.number("tls.handshake.extensions.supported_version", "Version", in.at(), 2, version,
                      FieldWriter::named_hex(version, tls_version_name(version)));
        fields.deeper(3);
        in.skip(2);
    }
}

void add_extensions(Reader in, bool client, FieldWriter& fields) {
    if (!in.has(2)) return;
    fields.number("tls.handshake.extensions_length", "Extensions length", in.at(), 2, in.peek_u16())
        .deeper(2);
    const std::size_t all = in.peek_u16();
    in.skip(2);
    in = in.part(all);
    for (std::size_t i = 0; i < kMostItems && in.has(4); ++i) {
        const std::uint16_t type = in.peek_u16();
        const std::size_t size = std::min<std::size_t>(in.peek_u16(2), in.left() - 4);
        fields.number("tls.handshake.extension.type", "Extension", in.at(), 4 + size, type,
                      FieldWriter::named(type, extension_name(type)));
        fields.deeper(2);
        in.skip(4);
        const Reader body = in.part(size);
        if (type == 0) add_server_name(body, fields);
        if (type == 16) add_alpn(body, fields);
        if (type == 43) add_versions(body, client, fields);
        in.skip(size);
    }
}

/// Version, random, session: the same in both hellos. False when the message ends within them.
bool add_hello_start(Reader& in, FieldWriter& fields) {
    if (!in.has(2)) return false;
    const std::uint16_t version = in.peek_u16();
    fields.number("tls.handshake.version", "Version", in.at(), 2, version,
                  FieldWriter::named_hex(version, tls_version_name(version)));
    fields.deeper(2);
    in.skip(2);
    if (!in.has(33)) return false;
    fields.hex_bytes("tls.handshake.random", "Random", in.at(), 32).deeper(2);
    in.skip(32);
    const std::size_t session = in.peek_u8();
    fields.number("tls.handshake.session_id_length", "Session identifier length", in.at(), 1, session)
        .deeper(2);
    in.skip(1);
    if (!in.has(session)) return false;
    if (session != 0)
        fields.hex_bytes("tls.handshake.session_id", "Session identifier", in.at(), session).deeper(2);
    in.skip(session);
    return true;
}

void add_client_hello(Reader in, FieldWriter& fields) {
    if (!add_hello_start(in, fields) || !in.has(2)) return;
    const std::size_t suites = in.peek_u16();
    fields.number("tls.handshake.cipher_suites_length", "Cipher suites", in.at(), 2, suites,
                  concat(suites / 2, " offered"));
    fields.deeper(2);
    in.skip(2);
    Reader list = in.part(suites);
    for (std::size_t i = 0; i < kMostItems && list.has(2); ++i) {
        fields.number("tls.handshake.ciphersuite", "Cipher suite", list.at(), 2, list.peek_u16(),
                      concat("0x", Hex{list.peek_u16(), 4}));
        fields.deeper(3);
        list.skip(2);
    }
    in.skip(suites);
    if (!in.has(1)) return;
    in.skip(std::size_t{1} + in.peek_u8());  // compression methods, of which none is left in use
    add_extensions(in, true, fields);
}

void add_server_hello(Reader in, FieldWriter& fields) {
    if (!add_hello_start(in, fields) || !in.has(3)) return;
    fields.number("tls.handshake.ciphersuite", "Cipher suite", in.at(), 2, in.peek_u16(),
                  concat("0x", Hex{in.peek_u16(), 4}));
    fields.deeper(2);
    in.skip(3);
    add_extensions(in, false, fields);
}

}  // namespace

std::string add_tls_handshake(const Piece& piece, std::size_t at, std::size_t size, FieldWriter& fields) {
    Reader in{piece, at, size};
    std::string title;
    for (std::size_t i = 0; i < kMostItems && in.has(4); ++i) {
        const std::uint8_t type = in.peek_u8();
        const std::size_t length = std::size_t{in.peek_u8(1)} << 16 | in.peek_u16(2);
        const auto name = handshake_name(type);
        // A type or length that makes no sense is an encrypted message, or one that began in an earlier
        // record.
        if (name.empty() || (i == 0 && length > 0x40000)) {
            fields.hex_bytes("tls.handshake.encrypted", "Encrypted or continued", in.at(), in.left())
                .deeper();
            return title.empty() ? "Encrypted Handshake Message" : title;
        }
        append(title, concat(title.empty() ? "" : ", ", name));
        const std::size_t here = std::min(length, in.left() - 4);
        fields.number("tls.handshake.type", "Handshake", in.at(), 4 + here, type,
                      FieldWriter::named(type, name));
        if (here < length) fields.note(concat("the segment holds ", here, " of ", length, " bytes"));
        fields.deeper();
        fields.number("tls.handshake.length", "Length", in.at() + 1, 3, length).deeper(2);
        in.skip(4);
        const Reader body = in.part(length);
        if (type == 1) add_client_hello(body, fields);
        if (type == 2) add_server_hello(body, fields);
        in.skip(length);
    }
    return title.empty() ? "Handshake" : title;
}

}  // namespace synscope::dissect
