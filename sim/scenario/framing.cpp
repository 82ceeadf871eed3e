#include "sim/scenario/framing.hpp"

#include "net/base/text.hpp"

namespace synscope::scenario {

namespace {

constexpr std::uint64_t kMostHeader = 1024;
constexpr std::size_t kLongestDelimiter = 16;

std::string length_text(const Field& field) {
    const Fields keys(field, {"offset", "size", "header", "endian", "signed", "includes_header"});
    const auto from = [](std::uint64_t least) {
        return [least](const Field& f) { return f.whole(least, kMostHeader); };
    };
    std::uint64_t offset = 0;
    std::uint64_t size = 4;
    read_key(keys, "offset", offset, from(0));
    read_key(keys, "size", size, from(1));
    if (size > 4 && size != 8) keys.require("size").fail("a length has 1, 2, 3, 4 or 8 bytes");
    std::uint64_t header = offset + size;
    read_key(keys, "header", header, from(offset + size));
    bool is_big = false;
    bool is_signed = false;
    bool includes_header = false;
    read_key(keys, "endian", is_big, [](const Field& f) { return f.one_of({"little", "big"}) == 1; });
    const auto boolean = [](const Field& f) { return f.boolean(); };
    read_key(keys, "signed", is_signed, boolean);
    read_key(keys, "includes_header", includes_header, boolean);
    return concat("length:offset=", offset, ",size=", size, ",header=", header,
                  ",endian=", is_big ? "big" : "little", is_signed ? ",signed" : "",
                  includes_header ? ",includes_header" : "");
}

std::string delimiter_text(const Field& field) {
    const std::string bytes = field.text();
    if (bytes.empty() || bytes.size() > kLongestDelimiter)
        field.fail(concat("a delimiter has 1 to ", kLongestDelimiter, " bytes"));
    std::string out{"delimiter:"};
    for (const char c : bytes)
        append(out, Hex{static_cast<unsigned char>(c), 2});
    return out;
}

/// The text form itself, as one process hands it to another.
bool is_declaration(std::string_view text) {
    constexpr std::string_view kLetters{"abcdefghijklmnopqrstuvwxyz0123456789_=,:"};
    return (text.starts_with("length:") || text.starts_with("delimiter:")) && text.size() <= 120 &&
           text.find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

std::string read_framing(const Field& field) {
    if (field.node().kind == YamlNode::Kind::Scalar)
        return is_declaration(field.node().scalar) ? field.node().scalar : field.name();
    const Fields keys(field, {"length", "delimiter"});
    const auto length = keys.get("length");
    const auto delimiter = keys.get("delimiter");
    if (length.has_value() == delimiter.has_value())
        field.fail("a framing is declared by either a length or a delimiter");
    return length ? length_text(*length) : delimiter_text(*delimiter);
}

}  // namespace synscope::scenario
