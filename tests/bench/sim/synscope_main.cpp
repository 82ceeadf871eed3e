// A workload on our simulator, with Linux's TCP: CUBIC, SACK, RACK-TLP, PRR, timestamps, window scale.
// workload_main.hpp says how it is called and what it prints.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/base/bytes.hpp"
#include "net/base/text.hpp"
#include "sim/run/machine.hpp"
#include "tests/bench/sim/workload_main.hpp"
#include "tests/bench/sim/workloads.hpp"

using namespace synscope;
using namespace synscope::bench;

namespace {

constexpr Instant kLimit{Duration::seconds(3600).ns};

/// One link's packets as nanosecond pcap.
class Pcap final : public sim::WorldObserver {
  public:
    Pcap(const char* path, sim::LinkId link) : file_(std::fopen(path, "wb")), link_(link) {
        if (file_ == nullptr) std::perror(path), std::exit(1);
        std::setvbuf(file_, nullptr, _IOFBF, std::size_t{1} << 20);
        const std::array<std::uint32_t, 6> header{0xa1b23c4d, 0x00040002, 0, 0, 262144, 1};
        std::fwrite(header.data(), sizeof header, 1, file_);
    }
    Pcap(const Pcap&) = delete;
    Pcap& operator=(const Pcap&) = delete;
    ~Pcap() override { std::fclose(file_); }

    void sent(const sim::PacketEvent& event, const sim::Frame& frame) override {
        if (event.link != link_) return;
        bytes_.clear();
        encode(frame, bytes_);
        const auto size = static_cast<std::uint32_t>(bytes_.size());
        const std::array<std::uint32_t, 4> header{static_cast<std::uint32_t>(event.at.ns / 1'000'000'000),
                                                  static_cast<std::uint32_t>(event.at.ns % 1'000'000'000),
                                                  size, size};
        std::fwrite(header.data(), sizeof header, 1, file_);
        std::fwrite(bytes_.data(), size, 1, file_);
    }

  private:
    std::FILE* file_;
    sim::LinkId link_;
    std::vector<std::byte> bytes_;
};

/// One end of a flow: a program on a host of its own.
struct End {
    std::unique_ptr<sim::Machine> machine;
    std::optional<SocketId> listener{};
    std::optional<SocketId> connection{};
    std::uint64_t left = 0;  ///< bytes to be sent or received
    bool sends = false;
};

IpAddress address(unsigned net, unsigned flow, unsigned host) {
    return IpAddress::v4(10u << 24 | net << 16 | flow << 8 | host);
}

class Run {
  public:
    Run(const Workload& workload, std::uint64_t divisor)
        : workload_(workload), bytes_(workload.bytes_per_flow / divisor), world_({.seed = 1}) {
        bottleneck_.rate_bits_per_second = kBottleneckBits;
        bottleneck_.delay = Duration{kBottleneckDelay_ns};
        bottleneck_.queue.packets = kQueuePackets;
        if (workload_.flows == 1)
            join_directly();
        else
            join_by_routers();
    }

    void capture(const char* path) {
        pcap_ = std::make_unique<Pcap>(path, bottleneck_id_);
        world_.fabric().set_observer(pcap_.get());
    }

    void run() {
        for (End& end : ends_)
            begin(end);
        while (unfinished_ > 0 && world_.step(kLimit)) {
            for (const sim::BoxId box : world_.woken())
                if (box.value < end_of_.size() && end_of_[box.value] != nullptr) serve(*end_of_[box.value]);
            world_.woken().clear();
        }
    }

    [[nodiscard]] bool complete() const { return unfinished_ == 0; }
    [[nodiscard]] std::uint64_t segments() const { return bytes_ * workload_.flows / kSegmentBytes; }
    [[nodiscard]] double virtual_seconds() const { return static_cast<double>(world_.now().ns) * 1e-9; }

  private:
    sim::BoxId add_end(const std::string& name, const IpAddress& own, std::optional<IpAddress> gateway,
                       bool sends) {
        sim::HostOptions options;
        sim::InterfaceOptions interface;
        interface.address = sim::Ipv4Prefix{own, 24};
        options.ip.interfaces.push_back(interface);
        options.gateway = gateway;
        const sim::BoxId box = world_.add_host(name, std::move(options));
        sim::tcp::StackOptions stack;
        stack.addresses = {own};
        stack.seed = box.value + 1;
        ends_.push_back({std::make_unique<sim::Machine>(world_, box, stack), {}, {}, bytes_, sends});
        return box;
    }

    [[nodiscard]] sim::LinkOptions lossy() const {
        sim::LinkOptions options = bottleneck_;
        options.loss = workload_.loss;
        return options;
    }

    void join_directly() {
        const sim::BoxId a = add_end("sender", address(2, 0, 1), std::nullopt, true);
        const sim::BoxId b = add_end("receiver", address(2, 0, 2), std::nullopt, false);
        bottleneck_id_ = world_.connect({a, 0}, {b, 0}, lossy(), bottleneck_);
    }

    sim::BoxId add_router(unsigned net, unsigned far) {
        sim::HostOptions options;
        options.ip.forwards = true;
        const auto add = [&](const IpAddress& own) {
            sim::InterfaceOptions interface;
            interface.address = sim::Ipv4Prefix{own, 24};
            options.ip.interfaces.push_back(interface);
        };
        add(address(3, 0, net));
        for (unsigned flow = 0; flow < workload_.flows; ++flow)
            add(address(net, flow, 254));
        options.ip.routes.push_back({sim::Ipv4Prefix{address(far, 0, 0), 16}, address(3, 0, far)});
        return world_.add_host(concat("router-", net), std::move(options));
    }

    void join_by_routers() {
        const sim::BoxId left = add_router(1, 2);
        const sim::BoxId right = add_router(2, 1);
        bottleneck_id_ = world_.connect({left, 0}, {right, 0}, lossy(), bottleneck_);
        sim::LinkOptions access;
        access.rate_bits_per_second = kAccessBits;
        access.delay = Duration{kAccessDelay_ns};
        for (unsigned flow = 0; flow < workload_.flows; ++flow) {
            const auto port = static_cast<std::uint16_t>(flow + 1);
            world_.connect({add_end(concat('s', flow), address(1, flow, 1), address(1, flow, 254), true), 0},
                           {left, port}, access);
            world_.connect({add_end(concat('r', flow), address(2, flow, 2), address(2, flow, 254), false), 0},
                           {right, port}, access);
        }
    }

    /// Receivers listen; senders, each behind its receiver's back, connect. Every sender stands before its
    /// receiver.
    void begin(End& end) {
        sim::tcp::Stack& tcp = end.machine->tcp();
        const auto flow = static_cast<unsigned>((&end - ends_.data()) / 2);
        const SocketId socket = tcp.create();
        if (end.sends) {
            tcp.connect(world_.now(), socket, {address(2, flow, 2), kPort});
            end.connection = socket;
        } else {
            tcp.bind(socket, {address(2, flow, 2), kPort});
            tcp.listen(world_.now(), socket, 1);
            end.listener = socket;
            ++unfinished_;
        }
        end_of_.resize(world_.boxes(), nullptr);
        end_of_[end.machine->box().value] = &end;
        end.machine->pump();
    }

    void serve(End& end) {
        if (end.sends)
            send(end);
        else
            receive(end);
        end.machine->pump();
    }

    void send(End& end) {
        while (end.left > 0) {
            const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(end.left, block_.size()));
            const auto sent = end.machine->tcp().send(world_.now(), *end.connection, block_.slice(0, piece));
            if (sent.error != sim::tcp::Error::None) return;
            end.left -= sent.bytes;
        }
    }

    void receive(End& end) {
        sim::tcp::Stack& tcp = end.machine->tcp();
        if (!end.connection) {
            const auto accepted = tcp.accept(world_.now(), *end.listener);
            if (!accepted) return;
            end.connection = *accepted;
        }
        while (end.left > 0) {
            const auto got = tcp.take(world_.now(), *end.connection, std::size_t{1} << 20);
            if (!got || got->empty()) return;
            end.left -= got->size();
            if (end.left == 0) --unfinished_;
        }
    }

    const Workload& workload_;
    std::uint64_t bytes_;
    sim::World world_;
    sim::LinkOptions bottleneck_;
    sim::LinkId bottleneck_id_;
    std::vector<End> ends_;
    std::vector<End*> end_of_;  ///< by box
    sim::Payload block_ = sim::Payload::copy_of(std::vector<std::byte>(65536, std::byte{'x'}));
    std::unique_ptr<Pcap> pcap_;
    std::size_t unfinished_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    return workload_main<Run>("bench_sim_synscope", argc, argv);
}
