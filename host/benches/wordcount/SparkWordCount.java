import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.streaming.Durations;
import org.apache.spark.streaming.api.java.JavaStreamingContext;
import org.apache.spark.streaming.scheduler.BatchInfo;
import org.apache.spark.streaming.scheduler.StreamingListener;
import org.apache.spark.streaming.scheduler.StreamingListenerBatchCompleted;
import scala.Tuple2;

/** Spark Streaming's word count over a socket: per batch a line `words N`, the words that begin with `@`, and a line `batch ...` with its delays. */
public class SparkWordCount {
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    long intervalMs = Long.parseLong(args[1]);
    // A block becomes a task: five a batch as by default, but none under the 50 ms that Spark's guide advises.
    SparkConf conf = new SparkConf().setMaster(args[2]).setAppName("wordcount").set("spark.ui.enabled", "false")
        .set("spark.streaming.blockInterval", Math.max(50, intervalMs / 5) + "ms");
    JavaStreamingContext context = new JavaStreamingContext(conf, Durations.milliseconds(intervalMs));
    context.sparkContext().setLogLevel("ERROR");
    context.addStreamingListener(new StreamingListener() {
      @Override
      public void onBatchCompleted(StreamingListenerBatchCompleted completed) {
        BatchInfo batch = completed.batchInfo();
        System.out.println("batch " + batch.batchTime().milliseconds() + " " + batch.numRecords() + " " + batch.schedulingDelay().get() + " "
            + batch.processingDelay().get() + " " + batch.totalDelay().get());
      }
    });
    // One copy of a block, as there is one process.
    context.socketTextStream("127.0.0.1", port, StorageLevel.MEMORY_AND_DISK_SER())
        .flatMap(line -> Arrays.asList(line.split(" ")).iterator())
        .mapToPair(word -> new Tuple2<>(word, 1L))
        .reduceByKey(Long::sum)
        .foreachRDD(counts -> {
          List<String> lines = counts.mapPartitions(pairs -> {
            List<String> out = new ArrayList<>();
            long words = 0;
            while (pairs.hasNext()) {
              Tuple2<String, Long> pair = pairs.next();
              words += pair._2;
              if (pair._1.startsWith("@")) out.add(pair._1);
            }
            out.add("words " + words);
            return out.iterator();
          }).collect();
          StringBuilder text = new StringBuilder();
          for (String line : lines) text.append(line).append('\n');
          System.out.print(text);
          System.out.flush();
        });
    context.start();
    context.awaitTermination();
  }
}
