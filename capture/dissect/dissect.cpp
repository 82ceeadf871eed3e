#include "capture/dissect/dissect.hpp"

#include <algorithm>

#include "capture/dissect/dissector.hpp"
#include "capture/dissect/field_writer.hpp"
#include "net/base/text.hpp"
#include "net/wire/ethernet.hpp"
#include "net/wire/ip_protocol.hpp"

namespace synscope::dissect {
namespace {

/// Headers within headers beyond this depth are an attack, not a network.
constexpr std::size_t kMaxLayers = 48;
constexpr std::size_t kUsualLayers = 6;

/// A layer of bytes that no row leads to. `title` makes its title.
template <class Title>
Layer not_dissected(const Piece& piece, const State& state, Title title) {
    Layer layer{"data", "data", {}, {}, {}, {}, 0};
    layer.bytes = {piece.at, piece.at + piece.bytes.size()};
    if (state.names_only) return layer;
    layer.title = title();
    FieldWriter(piece, layer)
        .hex_bytes("data.data", "Bytes", 0, piece.bytes.size())
        .computed("data.len", "Length", std::uint64_t{piece.length});
    return layer;
}

std::string unknown_title(const Next& next) {
    switch (next.by) {
        case NextBy::EtherType: {
            const auto name = wire::ethertype::name(next.number);
            return concat(name.empty() ? "Unknown protocol" : name, " (ethertype 0x", Hex{next.number, 4},
                          "), not dissected");
        }
        case NextBy::IpProtocol: {
            const auto name = wire::ip_protocol::name(static_cast<std::uint8_t>(next.number));
            return concat(name.empty() ? "Unknown protocol" : name, " (IP protocol ", next.number,
                          "), not dissected");
        }
        case NextBy::Llc:
            return "802.2 LLC, not dissected";
        case NextBy::Link:
        case NextBy::Tcp:
        case NextBy::Udp:
        case NextBy::Data:
        case NextBy::Nothing:
            break;
    }
    return "Not dissected";
}

Next add_layer(const Row& row, const Piece& piece, State& state, Dissection& out) {
    Layer layer{row.protocol, row.path,          {}, {piece.at, piece.at + piece.bytes.size()}, {},
                {},           out.buffers.size()};
    Next next = row.dissect(piece, state, layer);
    // A layer is its own header; what follows belongs to the next one.
    if (next.by != NextBy::Nothing && next.derived.bytes.empty()) layer.bytes.end = next.piece.at;
    out.layers.push_back(std::move(layer));
    return next;
}

/// The dissection owns the bytes; every layer behind this one counts in them.
Piece keep_derived(DerivedBytes derived, Dissection& out) {
    out.buffers.push_back(std::move(derived));
    const ByteSpan bytes{out.buffers.back().bytes};
    return {bytes, 0, static_cast<std::uint32_t>(bytes.size())};
}

/// Ethernet frames have a smallest size: what lies behind the network layer's end is padding (or a trailer),
/// and belongs to the link layer.
void add_padding(const Piece& whole, const State& state, Dissection& out) {
    if (state.names_only || !state.network_end || out.layers.empty() ||
        *state.network_end >= whole.bytes.size())
        return;
    const std::size_t size = whole.bytes.size() - *state.network_end;
    const bool padded = whole.length <= 64;
    FieldWriter(whole, out.layers.front())
        .hex_bytes(padded ? "eth.padding" : "eth.trailer", padded ? "Padding" : "Trailer", *state.network_end,
                   size)
        .help(padded ? "Ethernet frames carry at least 46 bytes; short packets are filled up." : "");
}

Dissection run(wire::LinkType link, ByteSpan frame, std::uint32_t original_length, State state) {
    Dissection out;
    out.layers.reserve(kUsualLayers);
    const Piece whole{frame, 0, std::max(original_length, static_cast<std::uint32_t>(frame.size()))};
    const auto number = static_cast<std::uint16_t>(link);
    const Row first = row_for_link(number);
    if (first.dissect == nullptr) {
        out.layers.push_back(
            not_dissected(whole, state, [&] { return concat("Link type ", number, ", not dissected"); }));
        return out;
    }
    Next next = add_layer(first, whole, state, out);
    while (next.by != NextBy::Nothing) {
        if (!next.derived.bytes.empty()) next.piece = keep_derived(std::move(next.derived), out);
        const bool payload = next.by == NextBy::Tcp || next.by == NextBy::Udp;
        const Row row = payload ? row_for_payload(next.by, state, next.piece) : row_for(next.by, next.number);
        if (row.dissect == nullptr || out.layers.size() >= kMaxLayers) {
            // Bytes beyond the cut cannot be shown, but that they are of a protocol unknown to us can be
            // said.
            out.layers.push_back(not_dissected(next.piece, state, [&] { return unknown_title(next); }));
            if (next.by == NextBy::Llc) out.layers.back().protocol = out.layers.back().path = "llc";
            out.layers.back().source = out.buffers.size();
            break;
        }
        next = add_layer(row, next.piece, state, out);
    }
    add_padding(whole, state, out);
    return out;
}

}  // namespace

Dissection dissect(wire::LinkType link, ByteSpan frame, std::uint32_t original_length) {
    return run(link, frame, original_length, {});
}

Dissection dissect(wire::LinkType link, ByteSpan frame, std::uint32_t original_length,
                   wire::FragmentTable& fragments, Instant at) {
    State state;
    state.fragments = &fragments;
    state.at = at;
    return run(link, frame, original_length, state);
}

void append_protocols(std::string& out, wire::LinkType link, ByteSpan frame, std::uint32_t original_length,
                      wire::FragmentTable* fragments, Instant at) {
    State state;
    state.fragments = fragments;
    state.at = at;
    state.names_only = true;
    run(link, frame, original_length, state).append_protocols(out);
}

}  // namespace synscope::dissect
