import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.CachedAtomicLong;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.NodeCache;
import org.apache.curator.framework.recipes.cache.PathChildrenCache;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMultiLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.Revoker;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.shared.SharedValue;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;

/**
 * Curator's recipes, told by lines on standard input what to do. Usage: CuratorContender host:port
 * timeoutMs. A line is `id verb arguments`; each is done in a thread of its own, and what comes of it
 * is said in lines `#id text`.
 */
public final class CuratorContender {
    private static final int WAIT_S = 30;

    private final CuratorFramework client;
    private final Map<String, CountDownLatch> releases = new ConcurrentHashMap<>();

    private CuratorContender(String address, int timeoutMs) {
        client = CuratorFrameworkFactory.builder()
            .connectString(address)
            .sessionTimeoutMs(timeoutMs)
            .connectionTimeoutMs(10_000)
            .retryPolicy(new ExponentialBackoffRetry(100, 10))
            .build();
    }

    public static void main(String[] args) throws Exception {
        CuratorContender contender = new CuratorContender(args[0], Integer.parseInt(args[1]));
        contender.client.start();
        contender.client.blockUntilConnected();
        say("0", "ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            Thread thread = new Thread(() -> contender.obey(words));
            thread.setDaemon(true);
            thread.start();
        }
        contender.client.close();
        System.exit(0);
    }

    private static synchronized void say(String id, Object text) {
        System.out.println("#" + id + " " + text);
    }

    private void obey(String[] words) {
        String id = words[0];
        String[] args = Arrays.copyOfRange(words, 2, words.length);
        try {
            switch (words[1]) {
                case "hold" -> hold(id, args[0], args[1]);
                case "release" -> release(args[0]).countDown();
                case "contend" -> contend(id, args);
                case "count" -> count(id, args[0], args[1], Integer.parseInt(args[2]));
                case "append" -> append(id, args[0], args[1], Integer.parseInt(args[2]));
                case "pass" -> pass(id, args[0]);
                case "double" -> passDouble(id, args[0], Integer.parseInt(args[1]));
                case "revoke" -> revoke(id, args[0]);
                case "members" -> members(id, args[0], Integer.parseInt(args[1]));
                case "follow" -> follow(id, args[0], args[1], args[2]);
                default -> say(id, "knows no " + words[1]);
            }
        } catch (Throwable e) {
            say(id, "failed " + e);
        }
    }

    private CountDownLatch release(String id) {
        return releases.computeIfAbsent(id, key -> new CountDownLatch(1));
    }

    /** Something that one thread takes and lets go. */
    private interface Held {
        void take() throws Exception;

        void letGo() throws Exception;
    }

    private static Held held(Taking take, Taking letGo) {
        return new Held() {
            @Override
            public void take() throws Exception {
                take.run();
            }

            @Override
            public void letGo() throws Exception {
                letGo.run();
            }
        };
    }

    private interface Taking {
        void run() throws Exception;
    }

    private Held heldBy(String id, String recipe, String path) {
        switch (recipe) {
            case "InterProcessMutex": {
                InterProcessMutex mutex = new InterProcessMutex(client, path);
                return held(mutex::acquire, mutex::release);
            }
            case "Revocable": {
                InterProcessMutex mutex = new InterProcessMutex(client, path);
                mutex.makeRevocable(asked -> say(id, "revoked"));
                return held(mutex::acquire, mutex::release);
            }
            case "InterProcessMultiLock": {
                InterProcessMultiLock lock =
                    new InterProcessMultiLock(client, Arrays.asList(path + "/a", path + "/b"));
                return held(lock::acquire, lock::release);
            }
            case "ReadLock": {
                InterProcessMutex lock = new InterProcessReadWriteLock(client, path).readLock();
                return held(lock::acquire, lock::release);
            }
            case "WriteLock": {
                InterProcessMutex lock = new InterProcessReadWriteLock(client, path).writeLock();
                return held(lock::acquire, lock::release);
            }
            case "InterProcessSemaphoreV2": {
                InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(client, path, 2);
                Lease[] lease = new Lease[1];
                return held(() -> lease[0] = semaphore.acquire(), () -> lease[0].close());
            }
            case "LeaderLatch": {
                LeaderLatch[] latch = new LeaderLatch[1];
                return held(() -> {
                    latch[0] = new LeaderLatch(client, path, "curator");
                    latch[0].start();
                    latch[0].await();
                }, () -> latch[0].close());
            }
            case "LeaderSelector":
                return new Election(path);
            case "PersistentNode": {
                PersistentNode node =
                    new PersistentNode(client, CreateMode.EPHEMERAL, false, path, bytes("curator"));
                return held(() -> {
                    node.start();
                    node.waitForInitialCreate(WAIT_S, TimeUnit.SECONDS);
                }, node::close);
            }
            case "GroupMember": {
                GroupMember member = new GroupMember(client, path, "curator", bytes("java"));
                return held(() -> {
                    member.start();
                    untilExists(path + "/curator");
                }, member::close);
            }
            default:
                throw new IllegalArgumentException("no recipe " + recipe);
        }
    }

    private void untilExists(String path) throws Exception {
        while (client.checkExists().forPath(path) == null) {
            Thread.sleep(20);
        }
    }

    /** Leads until it is told to resign. */
    private final class Election extends LeaderSelectorListenerAdapter implements Held {
        private final String path;
        private CountDownLatch elected;
        private CountDownLatch resigns;
        private LeaderSelector selector;

        Election(String path) {
            this.path = path;
        }

        @Override
        public void take() throws Exception {
            elected = new CountDownLatch(1);
            resigns = new CountDownLatch(1);
            selector = new LeaderSelector(client, path, this);
            selector.setId("curator");
            selector.start();
            elected.await();
        }

        @Override
        public void takeLeadership(CuratorFramework client) throws Exception {
            elected.countDown();
            resigns.await();
        }

        @Override
        public void letGo() {
            resigns.countDown();
            selector.close();
        }
    }

    private void hold(String id, String recipe, String path) throws Exception {
        Held held = heldBy(id, recipe, path);
        held.take();
        say(id, "held");
        release(id).await();
        held.letGo();
        say(id, "released");
    }

    /** Takes something again and again; says how often there was no place for it. */
    private void contend(String id, String[] args) throws Exception {
        Held held = heldBy(id, args[0], args[1]);
        Path folder = Path.of(args[2]);
        int rounds = Integer.parseInt(args[3]);
        int places = Integer.parseInt(args[4]);
        int overlaps = 0;
        for (int round = 0; round < rounds; round++) {
            held.take();
            Path place = takePlace(folder, places);
            client.checkExists().forPath("/");
            if (place == null) {
                overlaps++;
            } else {
                Files.delete(place);
            }
            held.letGo();
        }
        say(id, overlaps);
    }

    private static Path takePlace(Path folder, int places) throws Exception {
        for (int place = 0; place < places; place++) {
            try {
                return Files.createFile(folder.resolve("place-" + place));
            } catch (FileAlreadyExistsException e) {
                continue;
            }
        }
        return null;
    }

    private void count(String id, String recipe, String path, int times) throws Exception {
        say(id, switch (recipe) {
            case "SharedCount" -> countShared(path, times);
            case "DistributedAtomicLong" -> countAtomic(path, times);
            default -> draw(path, times);
        });
    }

    private long countShared(String path, int times) throws Exception {
        try (SharedCount count = new SharedCount(client, path, 0)) {
            count.start();
            for (int left = times; left > 0; ) {
                if (count.trySetCount(count.getVersionedValue(), count.getCount() + 1)) {
                    left--;
                }
            }
            return count.getCount();
        }
    }

    private long countAtomic(String path, int times) throws Exception {
        DistributedAtomicLong number =
            new DistributedAtomicLong(client, path, new ExponentialBackoffRetry(10, 20));
        long last = 0;
        for (int left = times; left > 0; ) {
            var value = number.increment();
            if (value.succeeded()) {
                last = value.postValue();
                left--;
            }
        }
        return last;
    }

    /** Draws numbers. */
    private String draw(String path, int times) throws Exception {
        CachedAtomicLong numbers = new CachedAtomicLong(
            new DistributedAtomicLong(client, path, new ExponentialBackoffRetry(10, 20)), 10);
        var drawn = new ArrayList<String>();
        while (drawn.size() < times) {
            var value = numbers.next();
            if (value.succeeded()) {
                drawn.add(String.valueOf(value.preValue()));
            }
        }
        return String.join(",", drawn);
    }

    /** Puts letters behind a shared text, one at a time. */
    private void append(String id, String path, String letter, int times) throws Exception {
        try (SharedValue value = new SharedValue(client, path, new byte[0])) {
            value.start();
            for (int left = times; left > 0; ) {
                var old = value.getVersionedValue();
                if (value.trySetValue(old, bytes(text(old.getValue()) + letter))) {
                    left--;
                }
            }
            say(id, text(value.getValue()));
        }
    }

    private void pass(String id, String path) throws Exception {
        DistributedBarrier barrier = new DistributedBarrier(client, path);
        barrier.setBarrier();
        say(id, "set");
        barrier.waitOnBarrier();
        say(id, "passed");
        barrier.setBarrier();
        say(id, "set again");
        release(id).await();
        barrier.removeBarrier();
    }

    private void passDouble(String id, String path, int count) throws Exception {
        DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(client, path, count);
        say(id, "enters");
        barrier.enter();
        say(id, "entered");
        release(id).await();
        barrier.leave();
        say(id, "left");
    }

    private void revoke(String id, String path) throws Exception {
        String holder = new InterProcessMutex(client, path).getParticipantNodes().iterator().next();
        Revoker.attemptRevoke(client, holder);
        say(id, "asked");
    }

    private void members(String id, String path, int count) throws Exception {
        GroupMember member = new GroupMember(client, path, "watcher", bytes(""));
        member.start();
        Map<String, byte[]> members = Map.of();
        for (int tries = 0; tries < WAIT_S * 20 && members.size() != count; tries++) {
            Thread.sleep(50);
            members = member.getCurrentMembers();
        }
        var texts = new ArrayList<String>();
        members.forEach((name, data) -> texts.add(name + "=" + text(data)));
        texts.sort(null);
        member.close();
        say(id, String.join(",", texts));
    }

    /** Says when a cache has data that are so. */
    private void follow(String id, String kind, String path, String wanted) throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        AutoCloseable cache = switch (kind) {
            case "PathChildrenCache" -> {
                PathChildrenCache children = new PathChildrenCache(client, path, true);
                children.getListenable().addListener((source, event) -> {
                    if (event.getData() != null && wanted.equals(text(event.getData().getData()))) {
                        seen.countDown();
                    }
                });
                children.start();
                yield children;
            }
            case "NodeCache" -> {
                NodeCache node = new NodeCache(client, path);
                node.getListenable().addListener(() -> {
                    if (node.getCurrentData() != null && wanted.equals(text(node.getCurrentData().getData()))) {
                        seen.countDown();
                    }
                });
                node.start();
                yield node;
            }
            default -> {
                CuratorCache tree = CuratorCache.build(client, path);
                tree.listenable().addListener((type, old, data) -> {
                    if (data != null && wanted.equals(text(data.getData()))) {
                        seen.countDown();
                    }
                });
                tree.start();
                yield tree;
            }
        };
        say(id, "follows");
        say(id, seen.await(WAIT_S, TimeUnit.SECONDS) ? "seen" : "not seen");
        cache.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
