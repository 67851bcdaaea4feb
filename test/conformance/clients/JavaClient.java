import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * ZooKeeper's Java client; prints what happens, the same on every server. Usage: JavaClient host:port.
 * A line "cut" asks whoever reads it to cut all connections, so that the clients reconnect.
 */
public final class JavaClient {
    private static final int TIMEOUT_MS = 10_000;
    private static final int WAIT_S = 30;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final String address;
    private final ZooKeeper client;
    private final ZooKeeper other;

    private JavaClient(String address) throws Exception {
        this.address = address;
        client = new ZooKeeper(address, TIMEOUT_MS, watcher("client"));
        expectEvents(1);
        other = new ZooKeeper(address, TIMEOUT_MS, watcher("other"));
        expectEvents(1);
    }

    public static void main(String[] args) throws Exception {
        JavaClient program = new JavaClient(args[0]);
        program.nodes();
        program.multi();
        program.acl();
        program.watches();
        program.persistentWatches();
        program.pipeline();
        program.reconnection();
        program.ends();
    }

    private interface Call {
        Object run() throws Exception;
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Prints what a call returns, or its error. */
    private static void run(String name, Call call) throws Exception {
        try {
            say(name + ": " + print(call.run()));
        } catch (KeeperException e) {
            say(name + ": " + e.code() + " " + e.getPath());
            if (e.getResults() != null) {
                say("  results: " + print(e.getResults()));
            }
        }
    }

    private static String print(Object value) {
        if (value instanceof byte[]) {
            return "'" + new String((byte[]) value, StandardCharsets.UTF_8) + "'";
        }
        if (value instanceof Stat) {
            Stat stat = (Stat) value;
            return "version=" + stat.getVersion() + " cversion=" + stat.getCversion()
                + " aversion=" + stat.getAversion() + " ephemeral=" + (stat.getEphemeralOwner() != 0)
                + " length=" + stat.getDataLength() + " children=" + stat.getNumChildren()
                + " new=" + (stat.getCzxid() == stat.getMzxid());
        }
        if (value instanceof OpResult.CreateResult) {
            return "create " + ((OpResult.CreateResult) value).getPath();
        }
        if (value instanceof OpResult.SetDataResult) {
            return "set " + print(((OpResult.SetDataResult) value).getStat());
        }
        if (value instanceof OpResult.ErrorResult) {
            return "error " + ((OpResult.ErrorResult) value).getErr();
        }
        if (value instanceof OpResult.GetDataResult) {
            OpResult.GetDataResult result = (OpResult.GetDataResult) value;
            return "get " + print(result.getData()) + " " + print(result.getStat());
        }
        if (value instanceof OpResult.GetChildrenResult) {
            return "children " + print(((OpResult.GetChildrenResult) value).getChildren());
        }
        if (value instanceof OpResult) {
            return value.getClass().getSimpleName();
        }
        if (value instanceof List) {
            List<String> lines = new ArrayList<>();
            for (Object each : (List<?>) value) {
                lines.add(print(each));
            }
            return lines.toString();
        }
        return String.valueOf(value);
    }

    /** Watches also hear of the connection; only the two clients themselves say so. */
    private Watcher watcher(String name) {
        boolean isClient = List.of("client", "other", "expired").contains(name);
        return event -> {
            if (isClient || event.getType() != Watcher.Event.EventType.None) {
                add(name, event);
            }
        };
    }

    private void add(String name, WatchedEvent event) {
        events.add(name + ": " + event.getType() + " " + event.getState() + " " + event.getPath());
    }

    private void expectEvents(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            say("event " + events.poll(WAIT_S, TimeUnit.SECONDS));
        }
    }

    /** Events whose order is open: of two clients. */
    private void expectInAnyOrder(int count) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add("event " + events.poll(WAIT_S, TimeUnit.SECONDS));
        }
        Collections.sort(lines);
        lines.forEach(JavaClient::say);
    }

    private static List<String> sorted(List<String> names) {
        Collections.sort(names);
        return names;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void create(String path, CreateMode mode) throws Exception {
        run("create " + path, () -> client.create(path, bytes("x"), Ids.OPEN_ACL_UNSAFE, mode));
    }

    private void get(String path) throws Exception {
        Stat stat = new Stat();
        run("get " + path, () -> print(client.getData(path, false, stat)) + " " + print(stat));
    }

    private void nodes() throws Exception {
        create("/j", CreateMode.PERSISTENT);
        create("/j", CreateMode.PERSISTENT);
        create("/j/e", CreateMode.EPHEMERAL);
        create("/j/e/child", CreateMode.PERSISTENT);
        create("/j/s-", CreateMode.PERSISTENT_SEQUENTIAL);
        create("/j/es-", CreateMode.EPHEMERAL_SEQUENTIAL);
        create("/j/container", CreateMode.CONTAINER);
        create("/none/child", CreateMode.PERSISTENT);
        Stat stat = new Stat();
        run("create2", () -> client.create("/j/null", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, stat) + " " + print(stat));
        run("create ttl", () -> client.create("/j/ttl", bytes("x"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, stat, 100_000) + " " + print(stat));
        run("create ttl", () -> client.create("/j/ttl-", bytes("x"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, stat, 100_000));
        run("create large", () -> client.create("/j/large", new byte[1_000_000], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        run("get large", () -> client.getData("/j/large", false, null).length);
        for (String path : List.of("/j", "/j/e", "/j/container", "/j/ttl", "/j/null", "/none")) {
            get(path);
        }
        run("children", () -> sorted(client.getChildren("/j", false)));
        run("all children", () -> client.getAllChildrenNumber("/j"));
        run("ephemerals", () -> sorted(client.getEphemerals("/j")));
        run("set", () -> client.setData("/j", bytes("1"), 0));
        run("set", () -> client.setData("/j", bytes("2"), 0));
        run("exists", () -> client.exists("/j/none", false));
        run("exists", () -> client.exists("/j", false));
        run("delete", () -> delete("/j", -1));
        run("delete", () -> delete("/j/large", 3));
        run("delete", () -> delete("/j/large", 0));
        run("delete", () -> delete("/zookeeper/config", -1));
        run("config", () -> client.getConfig(false, stat));
    }

    private Object delete(String path, int version) throws Exception {
        client.delete(path, version);
        return "done";
    }

    private void multi() throws Exception {
        run("multi", () -> client.multi(List.of(
            Op.create("/j/m", bytes("1"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.setData("/j/m", bytes("2"), 0),
            Op.create("/j/m/s-", bytes(""), Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.check("/j/m", 1),
            Op.delete("/j/null", -1))));
        run("multi", () -> client.multi(List.of(
            Op.setData("/j/m", bytes("3"), 1),
            Op.check("/j/m", 9),
            Op.delete("/j/m", -1))));
        run("transaction", () -> client.transaction().check("/j", -1).setData("/j", bytes("t"), -1).commit());
        run("multi read", () -> client.multi(List.of(Op.getData("/j/m"), Op.getChildren("/j/m"), Op.getData("/none"))));
        get("/j/m");
    }

    private void acl() throws Exception {
        List<ACL> bob = Collections.singletonList(new ACL(31, new Id("digest", "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=")));
        run("create", () -> client.create("/j/bob", bytes("x"), bob, CreateMode.PERSISTENT));
        get("/j/bob");
        client.addAuthInfo("digest", bytes("bob:pw"));
        get("/j/bob");
        run("who am I", () -> {
            List<String> names = new ArrayList<>();
            client.whoAmI().forEach(info -> names.add(info.getAuthScheme() + ":" + info.getUser()));
            return sorted(names);
        });
        run("acl", () -> client.getACL("/j/bob", null));
        run("acl of other", () -> other.getACL("/j/bob", null));
        run("create", () -> client.create("/j/auth", bytes("x"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
        run("acl", () -> client.getACL("/j/auth", null));
        run("set acl", () -> client.setACL("/j/bob", Ids.OPEN_ACL_UNSAFE, 7));
        run("set acl", () -> client.setACL("/j/bob", Ids.OPEN_ACL_UNSAFE, 0));
        run("bad acl", () -> client.setACL("/j/bob", Collections.singletonList(new ACL(31, new Id("nobody", "x"))), -1));
    }

    private void watches() throws Exception {
        client.getData("/j", watcher("data"), null);
        client.exists("/j/later", watcher("exists"));
        client.getChildren("/j", watcher("children"));
        other.setData("/j", bytes("new"), -1);
        expectEvents(1);
        create("/j/later", CreateMode.PERSISTENT);
        expectEvents(2);
        Watcher removed = watcher("removed");
        client.getData("/j/later", removed, null);
        run("remove watch", () -> remove("/j/later", removed, Watcher.WatcherType.Data));
        expectEvents(1);
        run("remove watch", () -> {
            client.removeAllWatches("/j/later", Watcher.WatcherType.Any, false);
            return "done";
        });
    }

    private Object remove(String path, Watcher watcher, Watcher.WatcherType type) throws Exception {
        client.removeWatches(path, watcher, type, false);
        return "done";
    }

    private void persistentWatches() throws Exception {
        Watcher recursive = watcher("recursive");
        client.addWatch("/j/bob", recursive, AddWatchMode.PERSISTENT_RECURSIVE);
        client.addWatch("/j/later", watcher("persistent"), AddWatchMode.PERSISTENT);
        for (String path : List.of("/j/bob", "/j/later")) {
            other.create(path + "/a", bytes(""), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            other.setData(path + "/a", bytes("1"), -1);
            other.setData(path, bytes("2"), -1);
            other.delete(path + "/a", -1);
        }
        // Of the recursive watch all, of the persistent one those about its own node.
        expectEvents(4 + 3);
        run("remove watch", () -> remove("/j/bob", recursive, Watcher.WatcherType.Any));
        expectEvents(1);
    }

    /** Many requests at once: the answers come in order, the event before the reply. */
    private void pipeline() throws Exception {
        int count = 2_000;
        BlockingQueue<String> done = new LinkedBlockingQueue<>();
        AsyncCallback.StringCallback onCreate = (rc, path, context, name) -> done.add(rc + " " + name);
        AsyncCallback.StatCallback onStat = (rc, path, context, stat) -> done.add(rc + " " + stat.getVersion());
        create("/j/many", CreateMode.PERSISTENT);
        for (int i = 0; i < count; i++) {
            client.create("/j/many/s-", new byte[100], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL, onCreate, null);
            client.setData("/j/many", bytes("" + i), i, onStat, null);
        }
        int wrong = 0;
        for (int i = 0; i < count; i++) {
            String created = done.poll(WAIT_S, TimeUnit.SECONDS);
            String set = done.poll(WAIT_S, TimeUnit.SECONDS);
            boolean isRight = String.format("0 /j/many/s-%010d", i).equals(created) && ("0 " + (i + 1)).equals(set);
            wrong += isRight ? 0 : 1;
        }
        say("pipeline: " + wrong + " wrong of " + count);
        get("/j/many");
    }

    private void reconnection() throws Exception {
        long before = client.getSessionId();
        client.getData("/j/m", watcher("data after cut"), null);
        client.exists("/j/after-cut", watcher("exists after cut"));
        client.addWatch("/j/container", watcher("persistent after cut"), AddWatchMode.PERSISTENT_RECURSIVE);
        say("cut");
        // Both lose their connection and find it again.
        expectInAnyOrder(4);
        say("same session: " + (client.getSessionId() == before));
        get("/j/e");
        other.setData("/j/m", bytes("after cut"), -1);
        expectEvents(1);
        other.create("/j/after-cut", bytes(""), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        expectEvents(1);
        other.create("/j/container/child", bytes(""), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        expectEvents(1);
    }

    private void ends() throws Exception {
        long id = client.getSessionId();
        byte[] password = client.getSessionPasswd();
        client.close();
        run("gone", () -> other.exists("/j/e", false));
        run("left", () -> sorted(other.getChildren("/j", false)));
        events.clear();
        ZooKeeper expired = new ZooKeeper(address, TIMEOUT_MS, watcher("expired"), id, password);
        expectEvents(1);
        expired.close();
        other.addAuthInfo("digest", bytes("bob:pw"));
        org.apache.zookeeper.ZKUtil.deleteRecursive(other, "/j");
        other.close();
    }
}
