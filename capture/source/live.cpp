#include "capture/source/live.hpp"

#include <linux/if_packet.h>
#include <net/if.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "capture/source/bpf_program.hpp"
#include "capture/source/grant.hpp"
#include "net/base/text.hpp"

namespace synscope::source {
namespace {

constexpr int kLinkTypeRaw = 101;  // LINKTYPE_RAW; the DLT_RAW of Linux is 12
constexpr const char* kAny = "any";
constexpr const char* kLoopback = "lo";

struct JobSettings {
    int buffer_bytes;
    int block_ms;
};
JobSettings settings_for(LiveJob job) {
    return job == LiveJob::Watch ? JobSettings{32 << 20, 5} : JobSettings{64 << 20, 50};
}

std::string interfaces_hint() {
    std::string names;
    if (struct if_nameindex* all = ::if_nameindex(); all != nullptr) {
        for (const struct if_nameindex* i = all; i->if_index != 0 || i->if_name != nullptr; ++i)
            names += concat(i->if_name, ", ");
        ::if_freenameindex(all);
    }
    return concat("choose one of: ", names, kAny);
}

UserError no_such_interface(const std::string& name) {
    return {"there is no such network interface", name, interfaces_hint()};
}

std::string own_path() {
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::string("synscope-capture") : path.string();
}

UserError activation_error(int status, pcap_t* handle, const std::string& name) {
    switch (status) {
        case PCAP_ERROR_NO_SUCH_DEVICE:
            return no_such_interface(name);
        case PCAP_ERROR_PERM_DENIED:
            return {"no right to capture", name,
                    concat("grant it, then log in again: ", grant_command(own_path()))};
        case PCAP_ERROR_IFACE_NOT_UP:
            return {"the network interface is down", name,
                    concat("sudo ip link set ", shell_word(name), " up")};
        default:
            break;
    }
    const std::string words = pcap_geterr(handle);
    return {concat("cannot capture: ", words.empty() ? pcap_statustostr(status) : words), name, ""};
}

/// The user's filter, and without what goes out through `lo`, which "any" sees too.
std::string kernel_filter(const LiveOptions& options) {
    const unsigned loopback = options.interface == kAny ? ::if_nametoindex(kLoopback) : 0;
    if (loopback == 0) return options.filter;
    const std::string arrivals = concat("not (ifindex ", loopback, " and outbound)");
    return options.filter.empty() ? arrivals : concat(arrivals, " and (", options.filter, ")");
}

/// A packet on loopback passes twice; only its arrival is wanted. A filter "inbound" would not do: while the
/// ring is still the one from before the filter, libpcap applies it to bytes, which do not tell. A kernel
/// before 4.20 refuses; libpcap then drops the second copy itself, and only the counters count both.
void ignore_outgoing(pcap_t* handle) {
    const int on = 1;
    (void)::setsockopt(pcap_fileno(handle), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
}

Result<void, UserError> set_filter(pcap_t* handle, const LiveOptions& options) {
    // The user's own text first and alone, so that libpcap complains about what the user wrote.
    if (const auto given = BpfProgram::compile(handle, options.filter); !given) return failure(given.error());
    const std::string text = kernel_filter(options);
    auto whole = BpfProgram::compile(handle, text);
    if (!whole) return failure(std::move(whole).error());
    if (pcap_setfilter(handle, &whole->code()) != 0)
        return failure(UserError{concat("cannot set the filter: ", pcap_geterr(handle)), text, ""});
    return {};
}

RawPacket raw_packet(const pcap_pkthdr& header, const unsigned char* bytes, wire::LinkType link_type) {
    RawPacket packet;
    packet.link_type = link_type;
    // With PCAP_TSTAMP_PRECISION_NANO the field called tv_usec holds nanoseconds.
    packet.at = Instant{std::int64_t{header.ts.tv_sec} * 1'000'000'000 + header.ts.tv_usec};
    packet.original_length = header.len;
    packet.bytes = std::as_bytes(std::span(bytes, header.caplen));
    return packet;
}

}  // namespace

struct LiveCapture::Impl {
    PcapHandle handle;
    std::string interface;
    trace::Interface description;
    Duration latency;
    // pcap_stats counts in 32 bits; we widen.
    struct Wide {
        std::uint32_t last = 0;
        std::uint64_t total = 0;
        std::uint64_t update(std::uint32_t now) {
            total += static_cast<std::uint32_t>(now - last);
            last = now;
            return total;
        }
    } received, dropped;

    UserError read_error() const {
        return {concat("the capture broke off: ", pcap_geterr(handle.get())), interface, ""};
    }
};

LiveCapture::LiveCapture(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LiveCapture::LiveCapture(LiveCapture&&) noexcept = default;
LiveCapture& LiveCapture::operator=(LiveCapture&&) noexcept = default;
LiveCapture::~LiveCapture() = default;

Result<LiveCapture, UserError> LiveCapture::open(const LiveOptions& options) {
    // libpcap would take other names as well ("usbmon0", "nflog:1"): devices of another kind, which this is
    // not for.
    if (options.interface != kAny && ::if_nametoindex(options.interface.c_str()) == 0)
        return failure(no_such_interface(options.interface));

    char words[PCAP_ERRBUF_SIZE] = "";
    auto impl = std::make_unique<Impl>();
    impl->interface = options.interface;
    impl->handle.reset(pcap_create(options.interface.c_str(), words));
    pcap_t* handle = impl->handle.get();
    if (handle == nullptr)
        return failure(UserError{concat("cannot capture: ", words), options.interface, ""});

    const JobSettings job = settings_for(options.job);
    const std::uint32_t snap = std::clamp<std::uint32_t>(options.snap_length, 1, 262'144);
    pcap_set_snaplen(handle, static_cast<int>(snap));
    pcap_set_promisc(handle, 0);
    pcap_set_immediate_mode(handle, 0);
    pcap_set_timeout(handle, job.block_ms);
    pcap_set_buffer_size(handle, job.buffer_bytes);
    pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
    impl->latency = Duration::milliseconds(job.block_ms);
    if (const int status = pcap_activate(handle); status < 0)
        return failure(activation_error(status, handle, options.interface));
    if (pcap_get_tstamp_precision(handle) != PCAP_TSTAMP_PRECISION_NANO)
        return failure(UserError{"this libpcap gives no nanosecond timestamps", options.interface, ""});
    // Cooked v2 names the interface of each packet, which the filter against doubled loopback packets needs.
    if (options.interface == kAny && pcap_set_datalink(handle, DLT_LINUX_SLL2) != 0)
        return failure(UserError{concat("cannot capture: ", pcap_geterr(handle)), options.interface, ""});
    if (options.interface == kLoopback) ignore_outgoing(handle);
    if (auto set = set_filter(handle, options); !set) return failure(set.error());
    if (pcap_setnonblock(handle, 1, words) != 0)
        return failure(UserError{concat("cannot capture: ", words), options.interface, ""});
    LiveCapture live(std::move(impl));
    live.impl_->description = {live.link_type(), snap, options.interface, "", options.filter};
    return live;
}

int LiveCapture::descriptor() const noexcept {
    return pcap_get_selectable_fd(impl_->handle.get());
}

int LiveCapture::packet_socket() const noexcept {
    return pcap_fileno(impl_->handle.get());
}

Result<std::size_t, UserError> LiveCapture::take_raw(std::size_t limit, Sink sink, void* context) {
    struct Target {
        Sink sink;
        void* context;
        wire::LinkType link_type;
    } target{sink, context, link_type()};
    const auto each = [](unsigned char* user, const pcap_pkthdr* header, const unsigned char* bytes) {
        const auto* to = static_cast<Target*>(static_cast<void*>(user));
        to->sink(to->context, raw_packet(*header, bytes, to->link_type));
    };
    const int count =
        pcap_dispatch(impl_->handle.get(), static_cast<int>(std::min<std::size_t>(limit, 1 << 20)), each,
                      static_cast<unsigned char*>(static_cast<void*>(&target)));
    if (count < 0) return failure(impl_->read_error());
    return static_cast<std::size_t>(count);
}

Result<std::optional<RawPacket>, UserError> LiveCapture::next() {
    pcap_pkthdr* header = nullptr;
    const unsigned char* bytes = nullptr;
    const int status = pcap_next_ex(impl_->handle.get(), &header, &bytes);
    if (status < 0) return failure(impl_->read_error());
    if (status == 0) return std::optional<RawPacket>{};
    return std::optional<RawPacket>{raw_packet(*header, bytes, link_type())};
}

wire::LinkType LiveCapture::link_type() const {
    const int type = pcap_datalink(impl_->handle.get());
    return static_cast<wire::LinkType>(type == DLT_RAW ? kLinkTypeRaw : type);
}

const trace::Interface& LiveCapture::interface(std::uint16_t /*number*/) const {
    return impl_->description;
}

CaptureCounters LiveCapture::stats() const {
    CaptureCounters counters;
    if (pcap_stat now{}; pcap_stats(impl_->handle.get(), &now) == 0) {
        counters.received = impl_->received.update(now.ps_recv);
        counters.dropped_by_kernel = impl_->dropped.update(now.ps_drop);
    } else {
        counters.received = impl_->received.total;
        counters.dropped_by_kernel = impl_->dropped.total;
    }
    return counters;
}

Duration LiveCapture::latency() const noexcept {
    return impl_->latency;
}

}  // namespace synscope::source
