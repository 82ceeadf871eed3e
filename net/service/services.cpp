// The table of services. A new one is a file and a row.
#include <array>

#include "net/base/text.hpp"
#include "net/service/service.hpp"

namespace synscope::service {

namespace {

constexpr auto kServices = std::to_array<ServiceInfo>({
    {"upper", "Answers every message in upper case: the server of every first socket tutorial.", false, false,
     false, make_upper},
    {"echo", "Sends every byte back.", false, false, false, make_echo},
    {"sink", "Takes everything, and says at the end of the stream how much it was.", false, false, false,
     make_sink},
    {"source", "Sends lines of text as fast as its peer reads them.", false, false, false, make_source},
    {"chat", "Named clients; what one says, all others hear.", true, false, false, make_chat},
    {"http", "The files below --root over HTTP/1.1: keep-alive, pipelining, ranges, conditions.", false,
     false, true, make_http, true},
    {"files", "Messages and files up, each behind a JSON header; files end up whole below --root.", false,
     false, true, make_files, true},
    {"command", "Runs a few harmless commands by name, never a shell.", false, false, false, make_command},
    {"digest",
     "HTTP that proves what arrived: GET /N sends N bytes, PUT answers with the SHA-256 of what came.", false,
     false, false, make_digest, true},
    {"udp-upper", "Answers every datagram in upper case.", false, true, false, make_upper},
    {"udp-chat", "Members who join with a datagram; what one says, all others hear, or not.", true, true,
     false, make_udp_chat},
});

}  // namespace

std::optional<std::string> why_not_framed(const ServiceInfo& service, const framing::FramingInfo& framing) {
    if (!service.frames_itself || !framing.boundaries) return std::nullopt;
    return concat("service '", service.name, "' finds its messages itself; framing '", framing.name,
                  "' cannot stand before it");
}

void Session::on_boundaries(bool) {}
void Session::on_open(Effects&) {}
void Session::on_eof(Effects& effects) {
    effects.add(Close{});
}
void Session::on_effect_result(const EffectResult&, Effects&) {}

std::span<const ServiceInfo> services() noexcept {
    return kServices;
}

const ServiceInfo* find_service(std::string_view name) noexcept {
    for (const ServiceInfo& info : kServices)
        if (info.name == name) return &info;
    return nullptr;
}

}  // namespace synscope::service
