// The table of services. A new one is a file and a row.
#include <array>

#include "net/service/service.hpp"

namespace synscope::service {

namespace {

constexpr std::array<ServiceInfo, 6> kServices{{
    {"upper", "Answers every message in upper case: the server of every first socket tutorial.", false, false,
     false, make_upper},
    {"echo", "Sends every byte back.", false, false, false, make_echo},
    {"sink", "Takes everything, and says at the end of the stream how much it was.", false, false, false,
     make_sink},
    {"source", "Sends lines of text as fast as its peer reads them.", false, false, false, make_source},
    {"chat", "Named clients; what one says, all others hear.", true, false, false, make_chat},
    {"digest",
     "HTTP that proves what arrived: GET /N sends N bytes, PUT answers with the SHA-256 of what came.", false,
     false, false, make_digest},
}};

}  // namespace

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
