#include "net/lab/netlink.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/addr.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include <cerrno>
#include <memory>

#include "net/base/text.hpp"

namespace synscope::lab {

namespace {

/// What libnl made, given back with the function it has for that.
template <auto Release>
struct Releaser {
    template <class T>
    void operator()(T* object) const {
        Release(object);
    }
};
using Socket = std::unique_ptr<nl_sock, Releaser<nl_socket_free>>;
using Link = std::unique_ptr<rtnl_link, Releaser<rtnl_link_put>>;
using Address = std::unique_ptr<rtnl_addr, Releaser<rtnl_addr_put>>;
using Bytes = std::unique_ptr<nl_addr, Releaser<nl_addr_put>>;
using Route = std::unique_ptr<rtnl_route, Releaser<rtnl_route_put>>;

/// libnl has numbers of its own.
OsError netlink_error(const char* operation, int status, const std::string& interface) {
    switch (status < 0 ? -status : status) {
        case NLE_PERM:
            return {operation, EPERM, interface};
        case NLE_NOACCESS:
            return {operation, EACCES, interface};
        case NLE_NODEV:
        case NLE_OBJ_NOTFOUND:
            return {operation, ENODEV, interface};
        case NLE_NOMEM:
            return {operation, ENOMEM, interface};
        default:
            return {operation, 0, concat(interface, ": ", nl_geterror(status))};
    }
}

Result<Socket, OsError> connect_to_kernel(const std::string& interface) {
    Socket socket(nl_socket_alloc());
    if (!socket) return failure(OsError{"nl_socket_alloc", ENOMEM, interface});
    if (const int status = nl_connect(socket.get(), NETLINK_ROUTE); status < 0)
        return failure(netlink_error("netlink connect", status, interface));
    return socket;
}

Bytes bytes_of(const IpAddress& address, unsigned prefix_length) {
    Bytes bytes(nl_addr_build(AF_INET, address.octets.data(), 4));
    if (bytes) nl_addr_set_prefixlen(bytes.get(), static_cast<int>(prefix_length));
    return bytes;
}

}  // namespace

Result<void, OsError> set_up(const std::string& interface, const InterfaceSettings& settings) {
    auto socket = connect_to_kernel(interface);
    if (!socket) return failure(socket.error());
    rtnl_link* found = nullptr;
    if (const int status = rtnl_link_get_kernel(socket->get(), 0, interface.c_str(), &found); status < 0)
        return failure(netlink_error("RTM_GETLINK", status, interface));
    const Link link(found);
    // Of one message the kernel sets the flags first; an interface that is up has spoken already.
    const Link before(rtnl_link_alloc());
    const Link up(rtnl_link_alloc());
    if (!before || !up) return failure(OsError{"rtnl_link_alloc", ENOMEM, interface});
    if (settings.mac) {
        const Bytes mac(nl_addr_build(AF_LLC, settings.mac->octets.data(), settings.mac->octets.size()));
        if (!mac) return failure(OsError{"nl_addr_build", ENOMEM, interface});
        rtnl_link_set_addr(before.get(), mac.get());
    }
    if (settings.mtu) rtnl_link_set_mtu(before.get(), *settings.mtu);
    if (settings.silent)
        rtnl_link_inet6_set_addr_gen_mode(before.get(), rtnl_link_inet6_str2addrgenmode("none"));
    rtnl_link_set_flags(up.get(), IFF_UP);
    for (rtnl_link* change : {before.get(), up.get()})
        if (const int status = rtnl_link_change(socket->get(), link.get(), change, 0); status < 0)
            return failure(netlink_error("RTM_NEWLINK", status, interface));
    return {};
}

Result<void, OsError> add_address(const std::string& interface, const IpAddress& address,
                                  unsigned prefix_length) {
    auto socket = connect_to_kernel(interface);
    if (!socket) return failure(socket.error());
    const Address wanted(rtnl_addr_alloc());
    const Bytes bytes = bytes_of(address, prefix_length);
    if (!wanted || !bytes) return failure(OsError{"rtnl_addr_alloc", ENOMEM, interface});
    rtnl_addr_set_ifindex(wanted.get(), static_cast<int>(if_nametoindex(interface.c_str())));
    rtnl_addr_set_local(wanted.get(), bytes.get());
    if (const int status = rtnl_addr_add(socket->get(), wanted.get(), 0); status < 0)
        return failure(netlink_error("RTM_NEWADDR", status, interface));
    return {};
}

Result<void, OsError> add_default_route(const std::string& interface, const IpAddress& gateway) {
    auto socket = connect_to_kernel(interface);
    if (!socket) return failure(socket.error());
    const Route route(rtnl_route_alloc());
    const Bytes everything = bytes_of(IpAddress::v4(0), 0);
    const Bytes through = bytes_of(gateway, 32);
    rtnl_nexthop* hop = rtnl_route_nh_alloc();
    if (!route || !everything || !through || hop == nullptr)
        return failure(OsError{"rtnl_route_alloc", ENOMEM, interface});
    rtnl_route_nh_set_ifindex(hop, static_cast<int>(if_nametoindex(interface.c_str())));
    rtnl_route_nh_set_gateway(hop, through.get());
    rtnl_route_add_nexthop(route.get(), hop);  // its owner from here on
    rtnl_route_set_family(route.get(), AF_INET);
    rtnl_route_set_dst(route.get(), everything.get());
    if (const int status = rtnl_route_add(socket->get(), route.get(), 0); status < 0)
        return failure(netlink_error("RTM_NEWROUTE", status, interface));
    return {};
}

}  // namespace synscope::lab
