#include "sim/packetdrill/machine.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "net/wire/icmp.hpp"
#include "net/wire/icmpv6.hpp"
#include "sim/packetdrill/datagram.hpp"
#include "sim/packetdrill/requests.hpp"

namespace synscope::packetdrill {
namespace {

using sim::tcp::IcmpKind;
using sim::tcp::IcmpReport;
using sim::tcp::Stack;

/// The first address of each family that packetdrill's defaults would choose.
std::vector<IpAddress> first_addresses() {
    return {*IpAddress::parse("192.168.0.1"), *IpAddress::parse("fd3d:fa7b:d17d::1")};
}

/// RFC 792, RFC 1812 section 5.2.7.1.
std::optional<IcmpKind> unreachable_kind(std::uint8_t code) {
    switch (code) {
        case 0:
        case 6:
        case 11:
            return IcmpKind::NetUnreachable;
        case 1:
        case 7:
        case 8:
        case 12:
            return IcmpKind::HostUnreachable;
        case 2:
            return IcmpKind::ProtocolUnreachable;
        case 3:
            return IcmpKind::PortUnreachable;
        case 4:
            return IcmpKind::FragmentationNeeded;
        case 5:
            return IcmpKind::SourceRouteFailed;
        case 9:
        case 10:
        case 13:
        case 14:
        case 15:
            return IcmpKind::AdminProhibited;
        default:
            return std::nullopt;
    }
}

std::optional<IcmpKind> kind_of(const QuotedError& error) {
    if (error.family == 6) {  // RFC 4443 section 3
        switch (error.type) {
            case wire::Icmpv6Types::kUnreachable:
                if (error.code == 4) return IcmpKind::PortUnreachable;
                if (error.code == 0) return IcmpKind::NetUnreachable;
                return error.code == 1 ? IcmpKind::AdminProhibited : IcmpKind::HostUnreachable;
            case wire::Icmpv6Types::kPacketTooBig:
                return IcmpKind::FragmentationNeeded;
            case wire::Icmpv6Types::kTimeExceeded:
                return IcmpKind::TimeExceeded;
            case wire::Icmpv6Types::kParameterProblem:
                return IcmpKind::ParameterProblem;
            default:
                return std::nullopt;
        }
    }
    switch (error.type) {
        case wire::IcmpTypes::kUnreachable:
            return unreachable_kind(error.code);
        case wire::IcmpTypes::kSourceQuench:
            return IcmpKind::SourceQuench;
        case wire::IcmpTypes::kTimeExceeded:
            return IcmpKind::TimeExceeded;
        case wire::IcmpTypes::kParameterProblem:
            return IcmpKind::ParameterProblem;
        default:
            return std::nullopt;
    }
}

}  // namespace

Machine::Machine(MachineOptions options)
    : options_(std::move(options)),
      addresses_(first_addresses()),
      stack_(sim::tcp::StackOptions{options_.personality, 1, addresses_, nullptr}) {}

std::optional<Instant> Machine::next_event() const noexcept {
    const Instant timer = stack_.next_deadline();
    const auto wake = turns_.wake_at();
    if (timer == sim::tcp::kNever) return wake;
    return wake ? std::min(timer, *wake) : timer;
}

void Machine::pass(Turns::Lock& lock, Duration time) {
    const Instant end = now_ + time;
    while (true) {
        const auto next = next_event();
        if (!next || *next > end) break;
        now_ = std::max(now_, *next);
        stack_.advance(now_);
        collect();
        turns_.settle(lock);
    }
    now_ = end;
}

bool Machine::step(Turns::Lock& lock, Duration limit) {
    const auto next = next_event();
    if (!next || *next > now_ + limit) return false;
    pass(lock, std::max(*next - now_, Duration{}));
    return true;
}

void Machine::arrives(ByteSpan datagram) {
    const auto inbound = read_datagram(datagram);
    if (!inbound) return;
    if (const auto* segment = std::get_if<sim::tcp::Segment>(&*inbound)) {
        stack_.arrives(now_, *segment);
    } else if (const auto& error = std::get<QuotedError>(*inbound); const auto kind = kind_of(error)) {
        const auto mtu = static_cast<std::uint16_t>(
            std::min<std::uint32_t>(error.family == 6 ? error.word : error.word & 0xffffu, 0xffffu));
        stack_.icmp(now_, IcmpReport{*kind, error.source, error.destination, error.seq, mtu});
    }
    collect();
}

void Machine::own(const IpAddress& address) {
    if (std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end()) return;
    addresses_.insert(addresses_.begin(), address);
    stack_.set_addresses(addresses_);
}

std::optional<Machine::Sent> Machine::take_sent() {
    if (sent_.empty()) return std::nullopt;
    Sent first = std::move(sent_.front());
    sent_.pop_front();
    return first;
}

void Machine::obey_requests() {
    if (options_.requests.empty()) return;
    std::error_code none;
    const auto size = std::filesystem::file_size(options_.requests, none);
    if (none || size <= requests_read_) return;
    std::ifstream file{options_.requests};
    file.seekg(static_cast<std::streamoff>(requests_read_));
    std::ostringstream text;
    text << file.rdbuf();
    requests_read_ += text.str().size();
    obey(text.str());
}

void Machine::obey(const std::string& text) {
    for (const Request& request : read_requests(text)) {
        if (const auto* setting = std::get_if<Setting>(&request)) {
            auto personality = stack_.personality();
            if (apply_setting(personality, *setting)) stack_.set_personality(personality);
            if (setting->name == "qdisc.limit") {
                link_takes_nothing_ = setting->value == "0";
                stack_.set_link_refuses(link_takes_nothing_);
            }
        } else if (const auto* drop = std::get_if<DropState>(&request)) {
            for (const SocketId id : stack_.sockets())
                if (const auto* tcb = stack_.find(id); tcb != nullptr && tcb->state == drop->state)
                    stack_.abort(now_, id);
        } else {
            stack_.flush_fastopen_cache();
        }
    }
    collect();
}

void Machine::collect() {
    for (const sim::tcp::Segment& segment : stack_.output()) {
        if (link_takes_nothing_) break;
        const auto* tcb = stack_.find(Endpoint{segment.source, segment.header.source_port},
                                      Endpoint{segment.destination, segment.header.destination_port});
        sent_.push_back(
            {now_, write_datagram(segment, tcb == nullptr ? std::uint8_t{0} : tcb->options.traffic_class)});
    }
    stack_.output().clear();
    wakeups_.insert(wakeups_.end(), stack_.wakeups().begin(), stack_.wakeups().end());
    stack_.wakeups().clear();
    if (!options_.states.empty()) write_states();
}

std::vector<SocketId> Machine::take_wakeups() {
    return std::exchange(wakeups_, {});
}

void Machine::write_states() {
    std::ostringstream text;
    for (const SocketId id : stack_.sockets()) {
        const auto* tcb = stack_.find(id);
        if (tcb == nullptr) continue;
        text << "tcp " << (tcb->local.address.family == 6 ? '6' : '4') << ' ' << tcb->local.text() << ' '
             << tcb->remote.text() << ' ' << bsd_state_name(tcb->state) << '\n';
    }
    text << "counter TcpExtOutOfWindowIcmps " << stack_.counters().out_of_window_icmps << '\n';
    if (text.str() == states_written_) return;
    states_written_ = text.str();
    std::ofstream{options_.states} << states_written_;
}

}  // namespace synscope::packetdrill
