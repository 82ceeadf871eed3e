// Every mistake in a file is told with its line and column.
#include <gtest/gtest.h>

#include <string>

#include "net/base/text.hpp"
#include "sim/scenario/load.hpp"

namespace synscope::scenario {
namespace {

std::string error_of(std::string_view yaml) {
    const auto loaded = load_text(yaml, "t.yaml", {});
    return loaded ? "no error" : error_line(loaded.error());
}
/// A whole scenario with `steps` as the first client's.
std::string steps_error(std::string_view steps, std::string_view framing = "none") {
    return error_of("version: 1\nclients:\n  - framing: " + std::string(framing) + "\n    steps: [" +
                    std::string(steps) + "]\n");
}
std::string with(std::string_view rest) {
    return error_of("version: 1\nclients: [{steps: [{mark: here}]}]\n" + std::string(rest));
}

TEST(Errors, UnknownKeyNamesTheNearestOne) {
    EXPECT_EQ(error_of("version: 1\nserver:\n  engine: blocking\n  bsy: 30ms\n"),
              "t.yaml:4:3: unknown key 'bsy' in server (did you mean 'busy'?)");
    EXPECT_EQ(with("sever: {}\n"), "t.yaml:3:1: unknown key 'sever' in a scenario (did you mean 'server'?)");
    EXPECT_EQ(with("hosts: [{naem: a}]\n"),
              "t.yaml:3:10: unknown key 'naem' in hosts.0 (did you mean 'name'?)");
    EXPECT_EQ(with("hosts: [{xyzzy: a}]\n"),
              "t.yaml:3:10: unknown key 'xyzzy' in hosts.0 (known: name, address, gateway, dns, personality, "
              "dns_server, dhcp_server)");
}

TEST(Errors, MissingKey) {
    EXPECT_EQ(error_of("name: x\n"), "t.yaml:1:1: missing key 'version' in a scenario");
    EXPECT_EQ(error_of("version: 1\n"), "t.yaml:1:1: missing key 'clients' in a scenario");
    EXPECT_EQ(error_of("version: 1\nclients: [{name: a}]\n"),
              "t.yaml:2:11: missing key 'steps' in clients.0");
}

TEST(Errors, DuplicateKey) {
    EXPECT_EQ(error_of("version: 1\nname: a\nname: b\n"),
              "t.yaml:3:1: key 'name' is given twice (it is already on line 2)");
}

TEST(Errors, WrongType) {
    EXPECT_EQ(error_of("version: one\n"),
              "t.yaml:1:10: version must be a whole number from 1 to 1000000, not 'one'");
    EXPECT_EQ(with("server: [a]\n"), "t.yaml:3:9: server must be a map of keys");
    EXPECT_EQ(with("server: {engine: {}}\n").substr(0, 65),
              "t.yaml:3:18: server.engine must be a name of at most 32 letters, ");
    EXPECT_EQ(with("hosts: server\n"), "t.yaml:3:8: hosts must be a list, not 'server'");
    EXPECT_EQ(with("server: {options: {no_delay: yes}}\n"),
              "t.yaml:3:30: server.options.no_delay must be true or false, not 'yes'");
    EXPECT_EQ(with("server: {port:}\n"),
              "t.yaml:3:15: server.port must be a whole number from 0 to 65535, not nothing");
    EXPECT_EQ(error_of("- a\n"), "t.yaml:1:1: a scenario must be a map of keys");
}

TEST(Errors, OutOfRange) {
    EXPECT_EQ(with("server: {port: 65536}\n"),
              "t.yaml:3:16: server.port must be a whole number from 0 to 65535, not '65536'");
    EXPECT_EQ(with("link: {loss: 101%}\n"),
              "t.yaml:3:14: link.loss must be a share such as 3% or 0.03, from 0 to 1, not '101%'");
    EXPECT_EQ(with("link: {mtu: 10}\n"),
              "t.yaml:3:13: link.mtu must be a whole number from 68 to 9216, not '10'");
    EXPECT_EQ(with("server: {read_size: 0}\n"),
              "t.yaml:3:21: server.read_size must be a size from 1 to 16777216 bytes, such as 4096 or 64k, "
              "not '0'");
    EXPECT_EQ(
        error_of("version: 2\n"),
        "t.yaml:1:10: written for schema version 2, this program reads up to 1 (a newer Synscope is needed)");
}

TEST(Errors, WrongUnit) {
    EXPECT_EQ(
        with("server: {busy: 30}\n"),
        "t.yaml:3:16: server.busy must be a duration such as 30ms, 1.5s, 250us or 0, at most 24h, not '30'");
    EXPECT_EQ(with("link: {rate: 10mb}\n"),
              "t.yaml:3:14: link.rate must be a rate such as 10mbit, 512kbit or 1gbit, not '10mb'");
    EXPECT_EQ(with("server: {options: {linger: 1500ms}}\n"),
              "t.yaml:3:28: server.options.linger must be whole seconds (the kernel counts it in seconds)");
}

TEST(Errors, Steps) {
    EXPECT_EQ(steps_error("{conect: }"), "t.yaml:4:14: unknown step 'conect' (did you mean 'connect'?)");
    EXPECT_EQ(steps_error("connect, {send: a, recv: eof}"),
              "t.yaml:4:22: clients.0.steps.1 must be one step (such as '- connect' or '- send: hello')");
    EXPECT_EQ(steps_error("send"), "t.yaml:4:13: send must be text, not nothing");
    EXPECT_EQ(
        steps_error("connect, {recv: 3 cats}"),
        "t.yaml:4:29: cannot read '3 cats' as what to receive (write 'eof', '11 bytes' or '2 messages')");
    EXPECT_EQ(steps_error("connect, {recv: {bytes: 1, messages: 1}}"),
              "t.yaml:4:29: recv needs either bytes, messages or eof (such as {bytes: 64k} or {eof: true})");
    EXPECT_EQ(steps_error("connect, {send: {data: aa, repeat: 67108864}}").substr(0, 36),
              "t.yaml:4:29: sends more than 6710886");
}

TEST(Errors, StepsInAnImpossibleOrder) {
    EXPECT_EQ(steps_error("{recv: eof}"),
              "t.yaml:4:13: recv before connect (the client has no connection here)");
    EXPECT_EQ(steps_error("connect, close, {send: x}"),
              "t.yaml:4:29: send after close (the client has no connection here)");
    EXPECT_EQ(steps_error("connect, {shutdown: write}, {send: x}"),
              "t.yaml:4:41: send after shutdown (the writing side was shut down before)");
    EXPECT_EQ(steps_error("connect, {shutdown: read}, {recv: eof}"),
              "t.yaml:4:40: recv after shutdown (the reading side was shut down before)");
    EXPECT_EQ(steps_error("connect, {recv: eof}, {recv: 1 byte}"),
              "t.yaml:4:35: recv after end-of-file (nothing can come any more)");
    EXPECT_EQ(steps_error("connect, connect"), "t.yaml:4:22: connect while connected (close first)");
    EXPECT_EQ(steps_error("connect, close, close"),
              "t.yaml:4:29: close after close (the client has no connection here)");
    EXPECT_EQ(steps_error("connect, {shutdown: write}, {shutdown: write}"), "t.yaml:4:41: shut down already");
    EXPECT_EQ(steps_error("connect, {recv: 1 message}"),
              "t.yaml:4:22: receiving messages needs a framing (set the client's framing, such as len32)");
    EXPECT_EQ(steps_error("connect, {recv: 1 message}", "len32"), "no error");
    EXPECT_EQ(steps_error("connect, {send: ''}"),
              "t.yaml:4:22: nothing to send (an empty message needs a framing)");
    EXPECT_EQ(steps_error("connect, {send: ''}", "len32"), "no error");
    EXPECT_EQ(steps_error("connect, {shutdown: write}, {recv: eof}, close, connect, {send: x}"), "no error");
}

TEST(Errors, HowAStepCalls) {
    EXPECT_EQ(steps_error("connect, {send: {data: x, chunk: 0}}"),
              "t.yaml:4:46: clients.0.steps.1.send.chunk must be a size from 1 to 16777216 bytes, such as "
              "4096 or 64k, not '0'");
    EXPECT_EQ(steps_error("connect, {send: {data: x, evry: 1ms}}"),
              "t.yaml:4:39: unknown key 'evry' in clients.0.steps.1.send (did you mean 'every'?)");
    EXPECT_EQ(steps_error("connect: {blocking: no}"),
              "t.yaml:4:33: clients.0.steps.0.connect.blocking must be true or false, not 'no'");
}

TEST(Errors, Crowds) {
    const auto crowd = [](std::string_view count, std::string_view steps) {
        return error_of(concat("version: 1\nclients: [{count: ", count, ", steps: [", steps, "]}]\n"));
    };
    EXPECT_EQ(crowd("0", "connect"),
              "t.yaml:2:19: clients.0.count must be a whole number from 1 to 10000, not '0'");
    EXPECT_EQ(crowd("10001", "connect"),
              "t.yaml:2:19: clients.0.count must be a whole number from 1 to 10000, not '10001'");
    EXPECT_EQ(crowd("2", "ping: server"),
              "t.yaml:2:30: ping is for one client, not for a crowd (this one has a count)");
    EXPECT_EQ(crowd("2", "dhcp"),
              "t.yaml:2:30: dhcp is for one client, not for a crowd (this one has a count)");
    EXPECT_EQ(
        crowd("2", "connect: {from_port: 7}"),
        "t.yaml:2:30: connecting from a port is for one client, not for a crowd (this one has a count)");
    EXPECT_EQ(crowd("1", "connect: {from_port: 7}"), "no error");
    EXPECT_EQ(crowd("17", "connect, {send: {data: x, repeat: 67108864}}"),
              "t.yaml:2:40: a crowd of 17 sends more than 1073741824 bytes at once (send several messages)");
    EXPECT_EQ(crowd("16", "connect, {send: {data: x, repeat: 67108864}}"), "no error");
}

TEST(Errors, ScriptsOfServers) {
    EXPECT_EQ(with("server: {script: [connect]}\n"),
              "t.yaml:3:19: connect is a client's step, not a server's");
    EXPECT_EQ(with("server: {script: [close, {send: x}]}\n"),
              "t.yaml:3:26: send after close (the connection is gone here)");
    EXPECT_EQ(with("server: {service: upper, script: [close]}\n"),
              "t.yaml:3:34: a server has either a service or a script");
    EXPECT_EQ(with("server: {}\nservers: []\n"), "t.yaml:4:10: a scenario has either 'server' or 'servers'");
}

TEST(Errors, Networks) {
    const auto network = [](std::string_view text) { return with(concat("network: {", text, "}\n")); };
    EXPECT_EQ(network("links: [{between: [client, lan]}]"),
              "t.yaml:3:38: there is no host, switch or router 'lan' (known: client, server)");
    EXPECT_EQ(network("links: [{between: [client, client]}]"),
              "t.yaml:3:29: 'client' cannot be joined to itself");
    EXPECT_EQ(network("links: []"), "t.yaml:3:10: host 'client' has no link (add one to network.links)");
    EXPECT_EQ(network("switches: [s], links: [{between: [client, server]}, {between: [server, s]}]"),
              "t.yaml:3:73: host 'server' has a link already (join hosts by a switch or a router)");
    EXPECT_EQ(
        network("switches: [a, b, c], links: [{between: [a, b]}, {between: [b, c]}, {between: [c, a]}]"),
        "t.yaml:3:88: these switches would be joined in a circle");
    EXPECT_EQ(network("routers: [{name: r, interfaces: {client: 10.0.0.1/24}}], links: [{between: [client, "
                      "r]}, {between: [server, r]}]"),
              "t.yaml:3:10: router 'r' has no address towards 'server' (add it to the router's interfaces)");
    EXPECT_EQ(with("rules: [{action: drop, sequence: \"5:5\"}]\n"),
              "t.yaml:3:34: rules.0.sequence must be sequence numbers first:end, not '5:5' (as the ladder "
              "writes them: the SYN is 0:1, the first 1000 bytes are 1:1001)");
    EXPECT_EQ(with("hosts: [client, {name: server, gateway: 'fd00::1'}]\n"),
              "t.yaml:3:41: hosts.1.gateway must be an IPv4 address, not 'fd00::1' (such as 10.0.0.1)");
}

TEST(Errors, NamesThatAreNotThere) {
    EXPECT_EQ(with("server: {host: sever}\nhosts: [server, client]\n"),
              "t.yaml:3:16: server runs on host 'sever', which is not among hosts (did you mean 'server'?)");
    EXPECT_EQ(with("hosts: [server, b]\n"),
              "t.yaml:2:11: clients.0 runs on host 'client', which is not among hosts (known: server, b)");
    EXPECT_EQ(error_of("version: 1\nclients: [{after: b, steps: []}, {name: b, steps: []}]\n"),
              "t.yaml:2:19: no client 'b' above this one (this is the first client)");
    EXPECT_EQ(error_of("version: 1\nclients: [{name: b, steps: []}, {name: b, steps: []}]\n"),
              "t.yaml:2:33: client 'b' is there twice");
    EXPECT_EQ(with("hosts: [server, client, client]\n"), "t.yaml:3:25: host 'client' is there twice");
    EXPECT_EQ(with("narration: [{at: her, text: x}]\n"),
              "t.yaml:3:18: nobody has a mark 'her' (did you mean 'here'?)");
    EXPECT_EQ(with("rules: [{action: drop, from: x}]\n"), "t.yaml:3:30: host 'x' is not among hosts");
    EXPECT_EQ(steps_error("{mark: a}, {mark: a}"), "t.yaml:4:24: mark 'a' is there twice");
    EXPECT_EQ(with("hosts: []\n"),
              "t.yaml:3:8: hosts is empty (leave it out for the two hosts client and server)");
    EXPECT_EQ(error_of("version: 1\nclients: []\n"),
              "t.yaml:2:10: clients is empty (a scenario needs at least one client)");
}

TEST(Errors, RulesAddressesAndLanguages) {
    EXPECT_EQ(with("rules: [{action: delay}]\n"), "t.yaml:3:9: a delay rule needs the key 'delay'");
    EXPECT_EQ(with("rules: [{action: drop, delay: 1ms}]\n"), "t.yaml:3:31: only a delay rule has a delay");
    EXPECT_EQ(with("rules: [{action: drop, sequence: 9:9}]\n").substr(0, 75),
              "t.yaml:3:34: rules.0.sequence must be sequence numbers first:end, not '9:9'");
    EXPECT_EQ(with("link: {codel: {target: 0}}\n"), "t.yaml:3:24: link.codel.target must not be 0");
    EXPECT_EQ(with("link: {burst_loss: {enter: 1%}}\n"),
              "t.yaml:3:20: missing key 'leave' in link.burst_loss");
    EXPECT_EQ(with("rules: [{action: lose}]\n"),
              "t.yaml:3:18: rules.0.action must be drop, delay or duplicate, not 'lose'");
    EXPECT_EQ(with("rules: [{action: drop, flags: X}]\n").substr(0, 53),
              "t.yaml:3:31: rules.0.flags must be TCP flags, not 'X'");
    for (const char* address :
         {"10.0.0.1", "10.0.0.1/33", "10.0.0/24", "fd00::1/129", "x/8", "10.0.0.1/", "/24"})
        EXPECT_EQ(
            with("hosts: [server, {name: client, address: '" + std::string(address) + "'}]\n").substr(0, 39),
            "t.yaml:3:41: hosts.1.address must be an")
            << address;
    EXPECT_EQ(with("title: {english: x}\n"),
              "t.yaml:3:9: 'english' is no language tag (such as en or zh-CN)");
    EXPECT_EQ(with("title: {e: x}\n").substr(0, 12), "t.yaml:3:9: ");
    EXPECT_EQ(with("title: {}\n"), "t.yaml:3:8: title has no text");
}

TEST(Errors, NamesStayHarmless) {
    for (const char* name : {"../x", "a/b", "-x", ".x", "a b", "\"a\\x1b[31m\"", "''", "\"a\\n\"",
                             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
        EXPECT_EQ(with("name: " + std::string(name) + "\n").substr(0, 28), "t.yaml:3:7: name must be a n")
            << name;
}

TEST(Errors, TextThatIsNoYaml) {
    EXPECT_EQ(error_of(""), "t.yaml:1:1: the file holds no scenario (see docs/SCENARIOS.md)");
    EXPECT_EQ(error_of("# only a comment\n").substr(0, 34), "t.yaml:1:1: the file holds no scen");
    EXPECT_EQ(error_of("version: 1\nname: [a\n").substr(0, 26), "t.yaml:3:1: not valid YAML");
    EXPECT_EQ(error_of("version: 1\n\tname: a\n").substr(0, 7), "t.yaml:");
    EXPECT_EQ(error_of("version: 1\nname: \xff\n"), "t.yaml:2:7: not valid UTF-8 (save the file as UTF-8)");
    EXPECT_EQ(error_of("version: 1\nname: \x1b[31m\n").substr(0, 34), "t.yaml:2:7: control character 0x1b");
    EXPECT_EQ(error_of("version: 1\n---\nversion: 1\n").substr(0, 30), "t.yaml:3:1: a second document ");
}

TEST(Errors, HostileFilesAreRefusedQuickly) {
    EXPECT_EQ(error_of("a: &x [1]\nb: *x\n").substr(0, 53),
              "t.yaml:1:4: anchors are not used in scenarios (write ");
    EXPECT_EQ(error_of("b: *x\n").substr(0, 7), "t.yaml:");
    EXPECT_EQ(error_of("a: !!binary x\n").substr(0, 17), "t.yaml:1:4: tag '");
    EXPECT_NE(error_of(std::string(100'000, '[')), "no error");
    EXPECT_NE(error_of(std::string(100'000, '{')), "no error");
    EXPECT_EQ(error_of("a: [[[[[[[[[[[[[[]]]]]]]]]]]]]]"), "t.yaml:1:15: nested deeper than 12 levels");
    EXPECT_EQ(error_of(std::string(kMaxFileBytes + 1, '#')), "t.yaml:1:1: larger than 1048576 bytes");
    EXPECT_EQ(error_of("? [a]\n: b\n"), "t.yaml:1:3: a key must be a plain word (is a bracket left open?)");
    std::string block = "a:\n";
    for (int i = 1; i < 200; ++i)
        block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    EXPECT_EQ(error_of(block), "t.yaml:13:13: nested deeper than 12 levels");
}

TEST(Errors, FileThatCannotBeRead) {
    const auto missing = load_file("/nonexistent/x.yaml", {});
    ASSERT_FALSE(missing);
    EXPECT_EQ(error_line(missing.error()), "/nonexistent/x.yaml: cannot read: No such file or directory");
    const auto folder = load_file("/", {});
    ASSERT_FALSE(folder);
    EXPECT_EQ(error_line(folder.error()), "/: cannot read: Is a directory");
}

TEST(Errors, WhatOnlyAStreamHasIsRefusedOverUdp) {
    const auto udp = [](std::string_view steps, std::string_view keys = {}) {
        return error_of(
            concat("version: 1\nclients:\n  - transport: udp\n", keys, "    steps: [", steps, "]\n"));
    };
    EXPECT_EQ(udp("connect, send: x, recv: 1 bytes, close"), "no error");
    EXPECT_EQ(udp("connect, shutdown: write"),
              "t.yaml:4:22: UDP has no shutdown (no FIN says that nothing more will come: just close)");
    EXPECT_EQ(udp("connect, reset"),
              "t.yaml:4:22: UDP has no reset (there is no connection that could be aborted: just close)");
    EXPECT_EQ(udp("connect, recv: eof").substr(0, 44), "t.yaml:4:22: datagrams have no end-of-file (");
    EXPECT_EQ(udp("connect: {timeout: 1s}").substr(0, 44), "t.yaml:4:13: connect over UDP has no timeout");
    EXPECT_EQ(udp("connect: {blocking: false}").substr(0, 43), "t.yaml:4:13: connect over UDP never blocks ");
    EXPECT_EQ(udp("connect, send: {data: x, repeat: 65507}"), "no error");
    EXPECT_EQ(
        udp("connect, send: {data: x, repeat: 65508}"),
        "t.yaml:4:22: a datagram takes at most 65507 bytes, not 65508 ('chunk' cuts into datagrams, such as "
        "chunk: 1k)");
    EXPECT_EQ(udp("connect, recv: {bytes: 8, chunk: 4}").substr(0, 67),
              "t.yaml:4:22: over UDP one recv() takes one datagram, whatever its s");
    EXPECT_EQ(
        udp("connect", "    framing: len32\n"),
        "t.yaml:4:14: framings are for streams, and UDP is none (a datagram is a message already: leave the "
        "framing out)");
    EXPECT_EQ(udp("connect", "    options: {no_delay: true}\n").substr(0, 60),
              "t.yaml:4:14: 'no_delay' is an option of TCP, not of UDP (rec");
    EXPECT_EQ(udp("connect", "    options: {receive_buffer: 64k}\n"), "no error");
    EXPECT_EQ(error_of("version: 1\nclients:\n  - transport: sctp\n    steps: []\n").substr(0, 14),
              "t.yaml:3:16: c");
}

}  // namespace
}  // namespace synscope::scenario
