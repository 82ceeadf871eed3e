// The same workload on ns-3, without its tracing: CUBIC, SACK, PRR, timestamps, window scale, and buffers
// that do not limit it.
//
//     bench_sim_ns3 WORKLOAD DIVISOR [CAPTURE]
//
// Prints what bench_sim_synscope prints. Links and queues are the same; ns-3's are point to point and need no
// ARP.
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-module.h>

#include <string>
#include <vector>

#include "tests/bench/sim/workload_main.hpp"
#include "tests/bench/sim/workloads.hpp"

using namespace synscope::bench;

namespace {

std::string subnet(unsigned net, unsigned flow) {
    return "10." + std::to_string(net) + "." + std::to_string(flow) + ".0";
}

class Run {
  public:
    Run(const Workload& workload, std::uint64_t divisor)
        : workload_(workload), bytes_(workload.bytes_per_flow / divisor) {
        choose_tcp();
        bottleneck_.SetDeviceAttribute("DataRate", ns3::DataRateValue(ns3::DataRate(kBottleneckBits)));
        bottleneck_.SetChannelAttribute("Delay", ns3::TimeValue(ns3::NanoSeconds(kBottleneckDelay_ns)));
        bottleneck_.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize",
                             ns3::StringValue(std::to_string(kQueuePackets) + "p"));
        access_.SetDeviceAttribute("DataRate", ns3::DataRateValue(ns3::DataRate(kAccessBits)));
        access_.SetChannelAttribute("Delay", ns3::TimeValue(ns3::NanoSeconds(kAccessDelay_ns)));
        // Ours has no limit there.
        access_.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize", ns3::StringValue("1000000p"));
        middle_.Create(2);
        stack_.Install(middle_);
        devices_ = bottleneck_.Install(middle_);
        lose_some();
        const auto ends = number(devices_, subnet(3, 0));
        if (workload_.flows == 1)
            add_flow(middle_.Get(0), middle_.Get(1), ends.GetAddress(1));
        else
            join_by_routers();
    }

    void capture(const std::string& path) { bottleneck_.EnablePcap(path, devices_.Get(0), false, true); }

    void run() {
        // With 1 % loss its CUBIC needs more than an hour of virtual time, which costs it little of the
        // wall's.
        ns3::Simulator::Stop(ns3::Seconds(100'000));
        ns3::Simulator::Run();
    }

    /// The last byte stops the simulation.
    [[nodiscard]] bool complete() const { return received_ >= bytes_ * workload_.flows; }
    [[nodiscard]] std::uint64_t segments() const { return received_ / kSegmentBytes; }
    [[nodiscard]] double virtual_seconds() const { return ns3::Simulator::Now().GetSeconds(); }

  private:
    static void choose_tcp() {
        using ns3::Config::SetDefault;
        constexpr std::uint32_t kBuffer = 16u << 20;
        SetDefault("ns3::TcpL4Protocol::SocketType", ns3::TypeIdValue(ns3::TcpCubic::GetTypeId()));
        SetDefault("ns3::TcpSocket::SegmentSize", ns3::UintegerValue(kSegmentBytes));
        SetDefault("ns3::TcpSocket::InitialCwnd", ns3::UintegerValue(10));
        SetDefault("ns3::TcpSocket::SndBufSize", ns3::UintegerValue(kBuffer));
        SetDefault("ns3::TcpSocket::RcvBufSize", ns3::UintegerValue(kBuffer));
        SetDefault("ns3::TcpSocketBase::MinRto", ns3::TimeValue(ns3::MilliSeconds(200)));
    }

    void lose_some() {
        if (workload_.loss <= 0) return;
        const auto model = ns3::CreateObject<ns3::RateErrorModel>();
        model->SetUnit(ns3::RateErrorModel::ERROR_UNIT_PACKET);
        model->SetRate(workload_.loss);
        devices_.Get(1)->SetAttribute("ReceiveErrorModel", ns3::PointerValue(model));
    }

    ns3::Ipv4InterfaceContainer number(const ns3::NetDeviceContainer& devices, const std::string& network) {
        ns3::Ipv4AddressHelper addresses;
        addresses.SetBase(network.c_str(), "255.255.255.0");
        const auto given = addresses.Assign(devices);
        // The queue is the device's, as ours: without the queueing discipline that came with the address.
        ns3::TrafficControlHelper{}.Uninstall(devices);
        return given;
    }

    void join_by_routers() {
        for (unsigned flow = 0; flow < workload_.flows; ++flow) {
            ns3::NodeContainer ends;
            ends.Create(2);
            stack_.Install(ends);
            number(access_.Install(ends.Get(0), middle_.Get(0)), subnet(1, flow));
            const auto far = number(access_.Install(ends.Get(1), middle_.Get(1)), subnet(2, flow));
            add_flow(ends.Get(0), ends.Get(1), far.GetAddress(0));
        }
        ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    }

    void add_flow(const ns3::Ptr<ns3::Node>& from, const ns3::Ptr<ns3::Node>& to, ns3::Ipv4Address address) {
        ns3::PacketSinkHelper sink("ns3::TcpSocketFactory",
                                   ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), kPort));
        const auto sinks = sink.Install(to);
        sinks.Get(0)->TraceConnectWithoutContext("Rx", ns3::MakeCallback(&Run::received, this));
        ns3::BulkSendHelper source("ns3::TcpSocketFactory", ns3::InetSocketAddress(address, kPort));
        source.SetAttribute("MaxBytes", ns3::UintegerValue(bytes_));
        source.SetAttribute("SendSize", ns3::UintegerValue(65536));
        source.Install(from);
    }

    /// One call per read of the application: how we know that all has come.
    void received(ns3::Ptr<const ns3::Packet> packet, const ns3::Address&) {
        received_ += packet->GetSize();
        if (complete()) ns3::Simulator::Stop();
    }

    const Workload& workload_;
    std::uint64_t bytes_;
    std::uint64_t received_ = 0;
    ns3::PointToPointHelper bottleneck_;
    ns3::PointToPointHelper access_;
    ns3::InternetStackHelper stack_;
    ns3::NodeContainer middle_;
    ns3::NetDeviceContainer devices_;
};

}  // namespace

int main(int argc, char** argv) {
    const int code = workload_main<Run>("bench_sim_ns3", argc, argv);
    ns3::Simulator::Destroy();
    return code;
}
