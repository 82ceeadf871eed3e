// The table of engines. A new one is a file and a row.
#include <array>

#include "net/engine/engine.hpp"

namespace synscope::engine {

namespace {

std::optional<std::string> always_there() {
    return std::nullopt;
}

constexpr std::array<EngineInfo, 2> kEngines{{
    {"blocking", "One client at a time with plain blocking calls; the second waits until the first has gone.",
     Properties{ClientsAtOnce::One, true, SilentClient::BlocksEveryone}, always_there, make_blocking},
    {"epoll-et", "One thread, many clients, edge-triggered epoll: reads until EAGAIN or sleeps for ever.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody}, always_there,
     make_epoll_et},
}};

}  // namespace

std::span<const EngineInfo> engines() noexcept {
    return kEngines;
}

const EngineInfo* find_engine(std::string_view name) noexcept {
    for (const EngineInfo& info : kEngines)
        if (info.name == name) return &info;
    return nullptr;
}

std::string_view clients_at_once_text(ClientsAtOnce clients) noexcept {
    switch (clients) {
        case ClientsAtOnce::One:
            return "one";
        case ClientsAtOnce::PoolSize:
            return "pool size";
        case ClientsAtOnce::DescriptorLimit:
            return "descriptor limit";
        case ClientsAtOnce::Many:
            return "many";
    }
    return {};
}

std::string_view silent_client_text(SilentClient effect) noexcept {
    switch (effect) {
        case SilentClient::BlocksEveryone:
            return "blocks everyone";
        case SilentClient::HoldsOneWorker:
            return "holds one worker";
        case SilentClient::HarmsNobody:
            return "harms nobody";
    }
    return {};
}

}  // namespace synscope::engine
