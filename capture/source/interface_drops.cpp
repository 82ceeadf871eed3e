#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include <utility>

#include "capture/source/live.hpp"

namespace synscope::source {
namespace {

struct SocketCloser {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};

}  // namespace

struct InterfaceDrops::Impl {
    std::unique_ptr<nl_sock, SocketCloser> socket;
    std::string interface;
    std::uint64_t at_start = 0;

    std::optional<std::uint64_t> ask() const {
        rtnl_link* link = nullptr;
        if (!socket || rtnl_link_get_kernel(socket.get(), 0, interface.c_str(), &link) < 0)
            return std::nullopt;
        const std::uint64_t lost = rtnl_link_get_stat(link, RTNL_LINK_RX_MISSED_ERR) +
                                   rtnl_link_get_stat(link, RTNL_LINK_RX_FIFO_ERR);
        rtnl_link_put(link);
        return lost;
    }
};

InterfaceDrops::InterfaceDrops(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InterfaceDrops::InterfaceDrops(InterfaceDrops&&) noexcept = default;
InterfaceDrops& InterfaceDrops::operator=(InterfaceDrops&&) noexcept = default;
InterfaceDrops::~InterfaceDrops() = default;

InterfaceDrops InterfaceDrops::watch(const std::string& interface) {
    auto impl = std::make_unique<Impl>();
    impl->interface = interface;
    impl->socket.reset(nl_socket_alloc());
    if (impl->socket && nl_connect(impl->socket.get(), NETLINK_ROUTE) < 0) impl->socket.reset();
    if (const auto now = impl->ask())
        impl->at_start = *now;
    else
        impl->socket.reset();
    return InterfaceDrops(std::move(impl));
}

std::optional<std::uint64_t> InterfaceDrops::count() const {
    const auto now = impl_->ask();
    // A driver that was reloaded counts from 0 again.
    return now && *now >= impl_->at_start ? std::optional(*now - impl_->at_start) : now;
}

int InterfaceDrops::descriptor() const noexcept {
    return impl_->socket ? nl_socket_get_fd(impl_->socket.get()) : -1;
}

}  // namespace synscope::source
