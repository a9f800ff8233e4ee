import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.Optional;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.api.java.function.Function3;
import org.apache.spark.rdd.RDD;
import org.apache.spark.streaming.Duration;
import org.apache.spark.streaming.Durations;
import org.apache.spark.streaming.State;
import org.apache.spark.streaming.StateSpec;
import org.apache.spark.streaming.Time;
import org.apache.spark.streaming.api.java.JavaDStream;
import org.apache.spark.streaming.api.java.JavaDStreamLike;
import org.apache.spark.streaming.api.java.JavaPairDStream;
import org.apache.spark.streaming.api.java.JavaStreamingContext;
import org.apache.spark.streaming.dstream.ConstantInputDStream;
import org.apache.spark.streaming.scheduler.StreamingListener;
import org.apache.spark.streaming.scheduler.StreamingListenerBatchCompleted;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * One operation of Spark Streaming: per batch a line `batch MS`, its processing delay, then a line `rows N` of the last one. Rows are those of `sluicebox-bench-speed --side`,
 * and are cached as objects before the first batch: that they are made is not measured.
 */
public class SparkOperations {
  static final long FILL = 500_000;
  static final int WINDOW_BATCHES = 60;
  static final List<JavaPairRDD<Long, Long>> DATASETS = new ArrayList<>();
  static final AtomicLong FIRST = new AtomicLong(-1);
  static final AtomicLong ROWS = new AtomicLong();
  static long intervalMs;
  /** Batches up to the last that is measured. */
  static int last;

  /** Marsaglia's xorshift. */
  static final class Numbers {
    long state = 0x9e3779b97f4a7c15L;

    long next() {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      return state;
    }
  }

  public static void main(String[] args) throws Exception {
    String operation = args[0];
    long keys = Long.parseLong(args[1]);
    int rows = Integer.parseInt(args[2]);
    int warm = Integer.parseInt(args[3]);
    int batches = Integer.parseInt(args[4]);
    intervalMs = Long.parseLong(args[5]);
    String checkpoint = args[6];
    SparkConf conf = new SparkConf().setMaster(args[7]).setAppName("operations").set("spark.ui.enabled", "false");
    JavaStreamingContext context = new JavaStreamingContext(conf, Durations.milliseconds(intervalMs));
    context.sparkContext().setLogLevel("ERROR");
    context.checkpoint(checkpoint);

    boolean stateful = operation.endsWith("-state") || operation.endsWith("-by-key");
    int filling = stateful ? (int) ((keys + FILL - 1) / FILL) : 0;
    last = filling + warm + batches;
    if (operation.equals("join")) {
      DATASETS.add(cached(context.sparkContext(), shuffled(keys, 7_919)));
      DATASETS.add(cached(context.sparkContext(), shuffled(keys, 104_729)));
    } else {
      for (int batch = 0; batch < filling; batch++) DATASETS.add(cached(context.sparkContext(), from(batch * FILL, Math.min((batch + 1) * FILL, keys))));
      Numbers numbers = new Numbers();
      for (int batch = filling; batch < last; batch++) DATASETS.add(cached(context.sparkContext(), random(numbers, rows, keys)));
    }
    Duration window = Durations.milliseconds(intervalMs * WINDOW_BATCHES), slide = Durations.milliseconds(intervalMs);
    switch (operation) {
      case "map-with-state" -> {
        Function3<Long, Optional<Long>, State<Long>, Long> visits = (key, value, state) -> {
          if (!value.isPresent()) return null;
          long n = (state.exists() ? state.get() : 0L) + value.get();
          state.update(n);
          return n;
        };
        counted(datasets(context, -1).mapWithState(StateSpec.function(visits).timeout(Durations.minutes(60))));
      }
      case "update-state-by-key" -> {
        Function2<List<Long>, Optional<Long>, Optional<Long>> sum = (values, state) -> {
          long n = state.orElse(0L);
          for (long value : values) n += value;
          return Optional.of(n);
        };
        counted(datasets(context, -1).updateStateByKey(sum));
      }
      case "window" -> counted(datasets(context, -1).reduceByKeyAndWindow(Long::sum, window, slide));
      case "window-with-inverse" -> counted(datasets(context, -1).reduceByKeyAndWindow(Long::sum, (whole, part) -> whole - part, window, slide, 2, pair -> pair._2 > 0));
      case "join" -> counted(datasets(context, 0).join(datasets(context, 1)));
      default -> throw new IllegalArgumentException("there is no operation " + operation);
    }
    AtomicInteger completed = new AtomicInteger();
    Object done = new Object();
    context.addStreamingListener(new StreamingListener() {
      @Override
      public void onBatchCompleted(StreamingListenerBatchCompleted batch) {
        int number = completed.getAndIncrement();
        if (number >= last) return;
        if (number >= last - batches) System.out.println("batch " + batch.batchInfo().processingDelay().get());
        if (number == last - 1) {
          System.out.flush();
          synchronized (done) {
            done.notifyAll();
          }
        }
      }
    });
    synchronized (done) {
      context.start();
      while (completed.get() < last) done.wait();
    }
    System.out.println("rows " + ROWS.get());
    System.out.flush();
    // What Spark would do at its end is not measured.
    Runtime.getRuntime().halt(0);
  }

  /** Each batch's dataset; the same one each time if `always` says which. */
  static JavaPairDStream<Long, Long> datasets(JavaStreamingContext context, int always) {
    ClassTag<Integer> tag = ClassTag$.MODULE$.apply(Integer.class);
    JavaRDD<Integer> nothing = context.sparkContext().parallelize(List.of(), 1);
    JavaDStream<Integer> ticks = new JavaDStream<>(new ConstantInputDStream<>(context.ssc(), nothing.rdd(), tag), tag);
    if (always >= 0) {
      return ticks.transformToPair((Function2<JavaRDD<Integer>, Time, JavaPairRDD<Long, Long>>) (rdd, time) -> DATASETS.get(always));
    }
    // Batches go on after the last that is measured.
    return ticks.transformToPair((Function2<JavaRDD<Integer>, Time, JavaPairRDD<Long, Long>>) (rdd, time) -> DATASETS.get(Math.min(number(time), DATASETS.size() - 1)));
  }

  /** A batch's number, from 0. */
  static int number(Time time) {
    FIRST.compareAndSet(-1, time.milliseconds());
    return (int) ((time.milliseconds() - FIRST.get()) / intervalMs);
  }

  /** All rows of each batch's result are made and counted. */
  static void counted(JavaDStreamLike<?, ?, ?> stream) {
    stream.dstream().foreachRDD(new Counted<>());
  }

  static final class Counted<T> extends AbstractFunction2<RDD<T>, Time, BoxedUnit> implements Serializable {
    @Override
    public BoxedUnit apply(RDD<T> rdd, Time time) {
      long rows = rdd.count();
      if (number(time) < last) ROWS.set(rows);
      return BoxedUnit.UNIT;
    }
  }

  static JavaPairRDD<Long, Long> cached(JavaSparkContext context, long[] keys) {
    int half = keys.length / 2;
    List<long[]> parts = Arrays.asList(Arrays.copyOfRange(keys, 0, half), Arrays.copyOfRange(keys, half, keys.length));
    JavaPairRDD<Long, Long> made = context.parallelize(parts, 2).flatMapToPair(SparkOperations::pairs).cache();
    made.count();
    return made;
  }

  static Iterator<Tuple2<Long, Long>> pairs(long[] keys) {
    return Arrays.stream(keys).mapToObj(key -> new Tuple2<>(key, 1L)).iterator();
  }

  static long[] from(long start, long end) {
    long[] keys = new long[(int) (end - start)];
    for (int idx = 0; idx < keys.length; idx++) keys[idx] = start + idx;
    return keys;
  }

  static long[] shuffled(long end, long step) {
    long[] keys = new long[(int) end];
    for (int key = 0; key < keys.length; key++) keys[key] = key * step % end;
    return keys;
  }

  static long[] random(Numbers numbers, int rows, long end) {
    long[] keys = new long[rows];
    for (int idx = 0; idx < rows; idx++) keys[idx] = Long.remainderUnsigned(numbers.next(), end);
    return keys;
  }
}
