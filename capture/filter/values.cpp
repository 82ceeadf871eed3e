// The values of a field in a packet, from wherever its row says.

#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include "capture/filter/program.hpp"
#include "net/base/address.hpp"

namespace synscope::filter {
namespace {

using dissect::Dissection;
using dissect::Layer;

ByteSpan part(ByteSpan bytes, ByteRange range) {
    const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(range.begin, bytes.size()));
    const auto end = static_cast<std::size_t>(std::min<std::uint64_t>(range.end, bytes.size()));
    return begin < end ? bytes.subspan(begin, end - begin) : ByteSpan{};
}

template <std::size_t N>
Value from_octets(Kind kind, const std::array<std::uint8_t, N>& octets, std::size_t count) {
    std::string bytes(count, '\0');
    std::transform(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(count), bytes.begin(),
                   [](std::uint8_t octet) { return static_cast<char>(octet); });
    return Value::of_bytes(kind, std::move(bytes));
}

/// What a field holds, when that is of the kind its row promises; `bytes` are the layer's.
std::optional<Value> field_value(Kind kind, const dissect::Field& field, ByteSpan bytes) {
    if (kind == Kind::Label) return Value{};
    if (const auto* number = std::get_if<std::uint64_t>(&field.data)) {
        const bool wanted = kind == Kind::Boolean || is_number(kind);
        return wanted ? std::optional(Value::of_number(kind, *number)) : std::nullopt;
    }
    if (const auto* address = std::get_if<IpAddress>(&field.data)) {
        if (!is_address(kind) || address->family != (kind == Kind::Ipv4 ? 4 : 6)) return std::nullopt;
        return from_octets(kind, address->octets, kind == Kind::Ipv4 ? 4 : 16);
    }
    if (const auto* mac = std::get_if<wire::MacAddress>(&field.data))
        return kind == Kind::Mac ? std::optional(from_octets(kind, mac->octets, 6)) : std::nullopt;
    if (kind == Kind::Text && std::holds_alternative<dissect::IsText>(field.data))
        return Value::of_bytes(kind, field.value);
    if (is_bytes(kind) && std::holds_alternative<dissect::IsBytes>(field.data))
        return Value::of_span(kind, part(bytes, field.bytes));
    return std::nullopt;
}

/// Where the packet ends that the link layer carries, in the bytes of `like`: padding and trailers come
/// behind it.
std::uint64_t packet_end(const Dissection& dissection, const Layer& like) {
    std::uint64_t end = 0;
    for (const Layer& layer : dissection.layers)
        if (layer.source == like.source) end = std::max(end, layer.bytes.end);
    return end;
}

void add_layers(const FieldRow& row, const PacketFacts& packet, std::vector<Value>& out) {
    const Dissection& dissection = *packet.dissection;
    for (const Layer& layer : dissection.layers) {
        if (layer.protocol != row.name) continue;
        const ByteSpan bytes = dissection.bytes_of(layer, packet.bytes);
        const bool outermost = &layer == &dissection.layers.front();
        const std::uint64_t end = outermost ? bytes.size() : packet_end(dissection, layer);
        Value value = Value::of_span(Kind::Protocol, part(bytes, {layer.bytes.begin, end}));
        value.own_size = static_cast<std::size_t>(layer.bytes.size());
        out.push_back(std::move(value));
    }
}

void add_payload(const FieldRow& row, const PacketFacts& packet, std::vector<Value>& out) {
    const Dissection& dissection = *packet.dissection;
    for (const Layer& layer : dissection.layers) {
        if (layer.protocol != row.first) continue;
        const ByteSpan bytes =
            part(dissection.bytes_of(layer, packet.bytes), {layer.bytes.end, packet_end(dissection, layer)});
        if (!bytes.empty()) out.push_back(Value::of_span(Kind::Bytes, bytes));
    }
}

void add_fields(std::string_view name, Kind kind, const PacketFacts& packet, std::vector<Value>& out) {
    for (const Layer& layer : packet.dissection->layers)
        for (const dissect::Field& field : layer.fields)
            if (field.name == name)
                if (auto value = field_value(kind, field, packet.dissection->bytes_of(layer, packet.bytes)))
                    out.push_back(*std::move(value));
}

void add_frame(const FieldRow& row, const PacketFacts& packet, std::vector<Value>& out) {
    const auto name = row.name;
    const auto number = [&](std::uint64_t n) { out.push_back(Value::of_number(Kind::Unsigned, n)); };
    const auto time = [&](Duration d) { out.push_back(Value::of_signed(Kind::Time, d.ns)); };
    if (name == "frame")
        out.push_back(Value::of_span(Kind::Protocol, packet.bytes));
    else if (name == "frame.number")
        number(packet.number);
    else if (name == "frame.len")
        number(packet.original_length);
    else if (name == "frame.cap_len")
        number(packet.bytes.size());
    else if (name == "frame.interface_id")
        number(packet.interface);
    else if (name == "frame.time_epoch")
        time(packet.at - Instant{});
    else if (name == "frame.time_relative")
        time(packet.at - packet.first_at);
    else if (name == "frame.time_delta")
        time(packet.previous_at ? packet.at - *packet.previous_at : Duration{});
    else if (name == "frame.protocols" && packet.dissection != nullptr)
        out.push_back(Value::of_bytes(Kind::Text, packet.dissection->protocols()));
}

void add_flag(std::string_view name, track::AnalysisFlags flags, std::vector<Value>& out) {
    if (name == "flags") {
        if (!flags.empty()) out.push_back(Value{});
        return;
    }
    for (std::size_t i = 0; i < track::kAnalysisFlagCount; ++i) {
        const auto flag = static_cast<track::AnalysisFlag>(i);
        if (track::name(flag) == name && flags.has(flag)) out.push_back(Value{});
    }
}

void add_analysis(const FieldRow& row, const PacketFacts& packet, std::vector<Value>& out) {
    constexpr std::string_view kAnalysis = "tcp.analysis.";
    const track::Verdict& verdict = *packet.verdict;
    const auto name = row.name;
    const auto number = [&](std::uint64_t n) { out.push_back(Value::of_number(Kind::Unsigned, n)); };
    if (row.kind == Kind::Label)
        add_flag(name.substr(kAnalysis.size()), verdict.flags, out);
    else if (name == "tcp.stream")
        number(verdict.connection.value);
    else if (name == "tcp.seq")
        number(verdict.seq);
    else if (name == "tcp.ack")
        number(verdict.ack);
    else if (name == "tcp.window_size")
        number(verdict.window);
    else if (name == "tcp.analysis.duplicate_ack_num" && verdict.duplicate_ack_number != 0)
        number(verdict.duplicate_ack_number);
    else if (name == "tcp.analysis.bytes_in_flight" && verdict.bytes_in_flight)
        number(*verdict.bytes_in_flight);
    else if (name == "tcp.analysis.ack_rtt" && verdict.ack_rtt)
        out.push_back(Value::of_signed(Kind::Time, verdict.ack_rtt->ns));
}

/// Whether the analysis says anything of this segment. Wireshark shows the initial RTT on such segments only.
bool is_remarkable(const track::Verdict& verdict) {
    return !verdict.flags.empty() || verdict.ack_rtt || verdict.bytes_in_flight;
}

void add_connection(const FieldRow& row, const PacketFacts& packet, std::vector<Value>& out) {
    const track::ConnectionFacts& connection = *packet.connection;
    if (row.name == "tcp.completeness")
        out.push_back(Value::of_number(Kind::Unsigned, connection.completeness));
    else if (row.name == "tcp.time_relative")
        out.push_back(Value::of_signed(Kind::Time, (packet.at - connection.first_at).ns));
    else if (row.name == "tcp.analysis.initial_rtt" && connection.initial_rtt &&
             is_remarkable(*packet.verdict))
        out.push_back(Value::of_signed(Kind::Time, connection.initial_rtt->ns));
}

}  // namespace

void add_values(const FieldRow& row, const PacketFacts& packet, std::vector<Value>& out) {
    switch (row.origin) {
        case Origin::Frame:
            return add_frame(row, packet, out);
        case Origin::Analysis:
            if (packet.verdict != nullptr) add_analysis(row, packet, out);
            return;
        case Origin::Connection:
            if (packet.connection != nullptr && packet.verdict != nullptr) add_connection(row, packet, out);
            return;
        case Origin::Layer:
            if (packet.dissection != nullptr) add_layers(row, packet, out);
            return;
        case Origin::Payload:
            if (packet.dissection != nullptr) add_payload(row, packet, out);
            return;
        case Origin::Field:
            if (packet.dissection != nullptr) add_fields(row.name, row.kind, packet, out);
            return;
        case Origin::Either:
            if (packet.dissection == nullptr) return;
            add_fields(row.first, row.kind, packet, out);
            add_fields(row.second, row.kind, packet, out);
            return;
    }
}

}  // namespace synscope::filter
