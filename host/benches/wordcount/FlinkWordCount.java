import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.util.Collector;

/** Flink's word count over a socket in tumbling windows: the words that begin with `@`, and lines `words N` of what has come out since the last one. */
public class FlinkWordCount {
  static final AtomicLong WORDS = new AtomicLong();

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    long intervalMs = Long.parseLong(args[1]);
    Thread totals = new Thread(() -> {
      try {
        while (true) {
          Thread.sleep(100);
          long words = WORDS.getAndSet(0);
          if (words > 0) System.out.println("words " + words);
        }
      } catch (InterruptedException end) {
        Thread.currentThread().interrupt();
      }
    });
    totals.setDaemon(true);
    totals.start();

    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, new Configuration());
    env.getConfig().enableObjectReuse();
    // Flink waits 100 ms by default for a buffer to fill, at each of two exchanges: too long where a window is 100 ms.
    env.setBufferTimeout(Math.min(100, intervalMs / 10));
    env.socketTextStream("127.0.0.1", port)
        .flatMap(new FlatMapFunction<String, Tuple2<String, Long>>() {
          @Override
          public void flatMap(String line, Collector<Tuple2<String, Long>> out) {
            for (String word : line.split(" ")) out.collect(Tuple2.of(word, 1L));
          }
        })
        .keyBy(pair -> pair.f0, Types.STRING)
        .window(TumblingProcessingTimeWindows.of(Duration.ofMillis(intervalMs)))
        .sum(1)
        .addSink(new SinkFunction<Tuple2<String, Long>>() {
          @Override
          public void invoke(Tuple2<String, Long> pair, Context context) {
            WORDS.addAndGet(pair.f1);
            if (pair.f0.startsWith("@")) System.out.println(pair.f0);
          }
        });
    env.execute();
  }
}
