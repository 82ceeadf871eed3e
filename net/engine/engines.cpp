// The table of engines. A new one is a file and a row.
#include <array>

#include "net/engine/engine.hpp"

namespace synscope::engine {

namespace {

std::optional<std::string> always_there() {
    return std::nullopt;
}

constexpr auto kEngines = std::to_array<EngineInfo>({
    {"blocking", "One client at a time with plain blocking calls; the second waits until the first has gone.",
     Properties{ClientsAtOnce::One, true, SilentClient::BlocksEveryone}, always_there, make_blocking},
    {"thread", "A thread for each client, which sleeps for it in plain blocking calls.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody}, always_there, make_thread},
    {"thread-pool", "Four threads, each with one client at a time; the fifth client waits for one of them.",
     Properties{ClientsAtOnce::PoolSize, true, SilentClient::HoldsOneWorker}, always_there, make_thread_pool},
    {"fork", "A process for each client, which serves it in plain blocking calls and exits.",
     Properties{ClientsAtOnce::Many, false, SilentClient::HarmsNobody}, always_there, make_fork},
    {"prefork", "Four processes that all accept, each with one client at a time; a crash ends one of them.",
     Properties{ClientsAtOnce::PoolSize, false, SilentClient::HoldsOneWorker}, always_there, make_prefork},
    {"nonblocking",
     "One thread, many clients, and no call that waits: asks everybody in turn, mostly in vain.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody}, always_there,
     make_nonblocking},
    {"select",
     "One thread, many clients: a bit for each in the sets that select() overwrites; no more than 1024.",
     Properties{ClientsAtOnce::SelectLimit, true, SilentClient::HarmsNobody, false, true}, always_there,
     make_select},
    {"poll", "One thread, many clients: hands the list of all of them to poll() each time it waits.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody, false, true}, always_there,
     make_poll},
    {"epoll-lt",
     "One thread, many clients: the kernel keeps the list, and reports who is ready until it is not.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody, false, true}, always_there,
     make_epoll_lt},
    {"epoll-et", "One thread, many clients, edge-triggered epoll: reads until EAGAIN or sleeps for ever.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody, false, true}, always_there,
     make_epoll_et},
    {"sigio", "One thread, many clients: a queued signal says whose socket changed.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody, false, true}, always_there,
     make_sigio},
    {"io_uring",
     "One thread, many clients, no readiness: the kernel accepts and receives, and tells what came.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody, false, true},
     io_uring_unavailable, make_io_uring},
    {"coroutine", "One thread, many clients, straight lines: each client's coroutine waits where it reads.",
     Properties{ClientsAtOnce::DescriptorLimit, true, SilentClient::HarmsNobody, false, true}, always_there,
     make_coroutine},
    {"udp", "Datagrams: one socket for all peers; no connections, and nobody says what was lost.",
     Properties{ClientsAtOnce::Many, true, SilentClient::HarmsNobody, true, true}, always_there, make_udp},
});

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
            return "pool of 4";
        case ClientsAtOnce::SelectLimit:
            return "descriptors below 1024";
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
