import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.Stat;

/**
 * Curator's client; prints what happens, the same on every server. Usage: CuratorClient host:port. A
 * line "cut" asks whoever reads it to cut all connections, so that the client reconnects.
 */
public final class CuratorClient {
    private static final int TIMEOUT_MS = 10_000;
    private static final int WAIT_S = 30;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final CuratorFramework root;
    private final CuratorFramework client;

    private CuratorClient(String address) throws Exception {
        root = CuratorFrameworkFactory.builder()
            .connectString(address)
            .sessionTimeoutMs(TIMEOUT_MS)
            .connectionTimeoutMs(TIMEOUT_MS)
            .retryPolicy(new RetryNTimes(50, 100))
            .authorization("digest", bytes("bob:secret"))
            .build();
        root.getConnectionStateListenable().addListener((source, state) -> events.add("state " + state));
        root.start();
        root.blockUntilConnected();
        expectEvents(1);
        client = root.usingNamespace("curator-client");
    }

    public static void main(String[] args) throws Exception {
        CuratorClient program = new CuratorClient(args[0]);
        program.nodes();
        program.guarantees();
        program.transactions();
        program.acl();
        program.background();
        program.watches();
        program.cache();
        program.reconnection();
        program.end();
        System.exit(0);
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
        }
    }

    private static String print(Object value) {
        if (value instanceof byte[]) {
            return "'" + new String((byte[]) value, StandardCharsets.UTF_8) + "'";
        }
        if (value instanceof Stat) {
            Stat stat = (Stat) value;
            return "version=" + stat.getVersion() + " aversion=" + stat.getAversion() + " ephemeral="
                + (stat.getEphemeralOwner() != 0) + " children=" + stat.getNumChildren();
        }
        if (value instanceof CuratorTransactionResult) {
            CuratorTransactionResult result = (CuratorTransactionResult) value;
            return result.getType() + " " + result.getForPath() + " " + result.getResultPath();
        }
        if (value instanceof List) {
            List<String> texts = new ArrayList<>();
            for (Object each : (List<?>) value) {
                texts.add(print(each));
            }
            return texts.toString();
        }
        return String.valueOf(value);
    }

    private void expectEvents(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            say(events.poll(WAIT_S, TimeUnit.SECONDS));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void nodes() throws Exception {
        run("create with parents", () -> client.create().creatingParentsIfNeeded().forPath("/a/b/c", bytes("x")));
        run("create again", () -> client.create().forPath("/a/b/c"));
        run("create or set", () -> client.create().orSetData().forPath("/a/b/c", bytes("y")));
        run("create with container parents", () -> client.create().creatingParentContainersIfNeeded().forPath("/k/l"));
        run("create ephemeral", () -> client.create().withMode(CreateMode.EPHEMERAL).forPath("/a/e"));
        run("create sequential", () -> client.create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/a/s-"));
        run("create container", () -> client.create().withMode(CreateMode.CONTAINER).forPath("/a/container"));
        run("create with TTL", () -> client.create().withTtl(100_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/a/ttl"));
        run("create with TTL, sequential", () -> client.create().withTtl(100_000).withMode(CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL).forPath("/a/ttl-"));
        run("create compressed", () -> client.create().compressed().forPath("/a/gz", bytes("z".repeat(1_000))));
        run("get decompressed", () -> client.getData().decompressed().forPath("/a/gz").length);
        Stat stat = new Stat();
        run("get", () -> print(client.getData().storingStatIn(stat).forPath("/a/b/c")) + " " + print(stat));
        run("set with version", () -> client.setData().withVersion(1).forPath("/a/b/c", bytes("z")));
        run("set with old version", () -> client.setData().withVersion(1).forPath("/a/b/c", bytes("z")));
        run("exists", () -> client.checkExists().forPath("/a"));
        run("exists not", () -> client.checkExists().forPath("/none"));
        run("exists, making parents", () -> client.checkExists().creatingParentsIfNeeded().forPath("/p/q/r"));
        run("children", () -> sorted(client.getChildren().forPath("/a")));
        run("children of the namespace", () -> sorted(client.getChildren().forPath("/")));
        run("sync", () -> client.sync().forPath("/"));
        run("delete", () -> client.delete().forPath("/a"));
        run("delete with children", () -> client.delete().guaranteed().deletingChildrenIfNeeded().forPath("/p"));
        run("delete quietly", () -> client.delete().quietly().forPath("/none"));
        run("outside the namespace", () -> root.checkExists().forPath("/curator-client/a"));
    }

    private static List<String> sorted(List<String> names) {
        Collections.sort(names);
        return names;
    }

    /** A protected create is found again by its id. */
    private void guarantees() throws Exception {
        String path = client.create().creatingParentsIfNeeded().withProtection()
            .withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/protected/n-");
        say("protected: " + path.replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "<id>"));
        run("idempotent create", () -> client.create().idempotent().forPath("/idem", bytes("1")));
        run("idempotent create again", () -> client.create().idempotent().forPath("/idem", bytes("1")));
        run("idempotent set", () -> client.setData().idempotent().withVersion(0).forPath("/idem", bytes("2")));
        run("idempotent delete", () -> client.delete().idempotent().withVersion(1).forPath("/idem"));
        run("idempotent delete again", () -> client.delete().idempotent().withVersion(1).forPath("/idem"));
    }

    private void transactions() throws Exception {
        run("transaction", () -> client.transaction().forOperations(
            client.transactionOp().create().forPath("/t", bytes("1")),
            client.transactionOp().setData().withVersion(0).forPath("/t", bytes("2")),
            client.transactionOp().check().withVersion(1).forPath("/t"),
            client.transactionOp().create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/t/s-")));
        run("transaction that fails", () -> client.transaction().forOperations(
            client.transactionOp().delete().forPath("/t/s-0000000000"),
            client.transactionOp().check().withVersion(9).forPath("/t")));
        run("nothing of it happened", () -> client.getChildren().forPath("/t"));
    }

    private void acl() throws Exception {
        run("create for its creator", () -> client.create().withACL(Ids.CREATOR_ALL_ACL).forPath("/mine", bytes("x")));
        run("its ACL", () -> client.getACL().forPath("/mine").get(0).getId().getScheme());
        run("set its ACL", () -> client.setACL().withVersion(0).withACL(Ids.READ_ACL_UNSAFE).forPath("/mine"));
        run("refused", () -> client.setData().forPath("/mine"));
    }

    private void background() throws Exception {
        client.create().inBackground((source, event) ->
            events.add(event.getType() + " " + event.getResultCode() + " " + event.getPath())).forPath("/bg");
        expectEvents(1);
        client.delete().inBackground((source, event) ->
            events.add(event.getType() + " " + event.getResultCode() + " " + event.getPath())).forPath("/bg-none");
        expectEvents(1);
        run("config", () -> new String(client.getConfig().forEnsemble(), StandardCharsets.UTF_8));
    }

    private void watches() throws Exception {
        client.create().forPath("/w");
        client.getData().usingWatcher((org.apache.curator.framework.api.CuratorWatcher) event ->
            events.add("once " + event.getType() + " " + event.getPath())).forPath("/w");
        client.setData().forPath("/w", bytes("1"));
        expectEvents(1);
        client.watchers().add().withMode(AddWatchMode.PERSISTENT_RECURSIVE)
            .usingWatcher((org.apache.curator.framework.api.CuratorWatcher) event ->
                events.add("always " + event.getType() + " " + event.getPath())).forPath("/w");
        client.create().forPath("/w/x");
        client.setData().forPath("/w/x", bytes("1"));
        client.delete().forPath("/w/x");
        expectEvents(3);
        client.watchers().removeAll().forPath("/w");
        expectEvents(1);
        try (PersistentWatcher watcher = new PersistentWatcher(client, "/w", false)) {
            watcher.getResetListenable().addListener(() -> events.add("watcher is set"));
            watcher.getListenable().addListener(event ->
                events.add("persistent " + event.getType() + " " + event.getPath()));
            watcher.start();
            expectEvents(1);
            client.setData().forPath("/w", bytes("2"));
            client.create().forPath("/w/y");
            expectEvents(2);
        }
    }

    private void cache() throws Exception {
        client.create().forPath("/cache", bytes("1"));
        try (CuratorCache cache = CuratorCache.build(client, "/cache")) {
            cache.listenable().addListener((type, old, data) ->
                events.add(type + " " + (data == null ? old : data).getPath()));
            cache.start();
            expectEvents(1);
            client.create().forPath("/cache/a");
            expectEvents(1);
            client.setData().forPath("/cache/a", bytes("2"));
            expectEvents(1);
            client.delete().forPath("/cache/a");
            expectEvents(1);
        }
    }

    /** Requests are tried again, the session goes on, and so do its ephemerals and watches. */
    private void reconnection() throws Exception {
        PersistentWatcher watcher = new PersistentWatcher(client, "/w", false);
        watcher.getResetListenable().addListener(() -> events.add("watcher is set"));
        watcher.getListenable().addListener(event -> {
            if (event.getPath() != null) {
                events.add("persistent " + event.getType() + " " + event.getPath());
            }
        });
        watcher.start();
        expectEvents(1);
        long session = client.getZookeeperClient().getZooKeeper().getSessionId();
        say("cut");
        expectEvents(1);
        run("tried again", () -> client.setData().forPath("/w", bytes("3")));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            lines.add(String.valueOf(events.poll(WAIT_S, TimeUnit.SECONDS)));
        }
        Collections.sort(lines);
        lines.forEach(CuratorClient::say);
        say("same session: " + (session == client.getZookeeperClient().getZooKeeper().getSessionId()));
        run("its ephemeral", () -> client.checkExists().forPath("/a/e"));
        watcher.close();
    }

    private void end() throws Exception {
        root.delete().deletingChildrenIfNeeded().forPath("/curator-client");
        root.close();
        say("closed");
    }
}
