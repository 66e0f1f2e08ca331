// SPDX-License-Identifier: BSL-1.0
//
// SparkPeer: the counterpart of tidemark_peer.cpp, written with Spark's DStreams; see peers/README.md.
//
// Usage: SparkPeer [words|running|max [records = 100000 [interval = 100 [warm-up = 50 [batches = 20]]]]]
// Records (lines of ten words for `words`) are those of one batch; the interval is in milliseconds.

import java.nio.file.Files

import scala.collection.mutable.ArrayBuffer
import scala.reflect.ClassTag

import org.apache.spark.SparkConf
import org.apache.spark.rdd.RDD
import org.apache.spark.streaming._
import org.apache.spark.streaming.dstream.{DStream, InputDStream}
import org.apache.spark.streaming.scheduler.{StreamingListener, StreamingListenerBatchCompleted}

object Input {
  val keys = 100000L

  def mixed(n: Long): Long = {
    var z = n + 0x9e3779b97f4a7c15L
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL
    z ^ (z >>> 31)
  }

  def update(n: Long): (Long, Long) = {
    val drawn = mixed(n)
    ((drawn >>> 1) % keys, mixed(drawn) >>> 1)
  }

  lazy val lines: Array[String] = Array.tabulate(20000) { line =>
    Seq.tabulate(10) { word =>
      val drawn = mixed(line * 10L + word)
      val rank = (drawn & 0xffffL) >>> ((drawn >>> 16) & 15L).toInt
      "w" + rank * 2654435761L % 1000003L
    }.mkString(" ")
  }

  def line(n: Long): String = lines((n % lines.length).toInt)

  def worth(word: String, amount: Long): Long = {
    var hash = 0xcbf29ce484222325L // FNV-1a
    var at = 0
    while (at < word.length) {
      hash = (hash ^ word.charAt(at)) * 0x100000001b3L
      at += 1
    }
    hash * amount
  }

  def worth(key: Long, number: Long): Long = mixed(key) * number
}

/** Batch b has the records b * size to (b + 1) * size - 1, in two partitions that make them when they are read. */
class NumberedBatches[T: ClassTag](streaming: StreamingContext, make: Long => T, size: Long)
    extends InputDStream[T](streaming) {
  private var next = 0L

  override def start(): Unit = ()
  override def stop(): Unit = ()
  override def compute(time: Time): Option[RDD[T]] = {
    val begin = next * size
    val made = make
    next += 1
    Some(context.sparkContext.range(begin, begin + size, 1, 2).map(n => made(n)))
  }
}

/** Keeps how long the first batches took, and adds up their results. */
class Batches(warmUp: Int, batches: Int) extends StreamingListener {
  val times = ArrayBuffer[Long]()
  private var completed = 0
  private var results = 0
  private var check = 0L

  def add(worth: Long): Unit = synchronized {
    if (results < warmUp + batches) check += worth
    results += 1
  }
  def checksum: Long = synchronized(check)

  override def onBatchCompleted(event: StreamingListenerBatchCompleted): Unit = synchronized {
    if (completed >= warmUp && times.size < batches) times += event.batchInfo.processingDelay.get
    completed += 1
    if (times.size == batches) notifyAll()
  }
  def await(): Unit = synchronized { while (times.size < batches) wait() }
}

object SparkPeer {
  private val checkpointBatches = 10
  private val windowBatches = 10

  def main(args: Array[String]): Unit = {
    def number(at: Int, otherwise: Long) = if (args.length > at) args(at).toLong else otherwise
    val scenario = args.headOption.getOrElse("words")
    val records = number(1, 100000)
    val interval = Milliseconds(number(2, 100))
    val warmUp = number(3, 50).toInt
    val count = number(4, 20).toInt

    val ssc = new StreamingContext(new SparkConf().setAppName("SparkPeer"), interval)
    ssc.sparkContext.setLogLevel("ERROR")
    val batches = new Batches(warmUp, count)
    ssc.addStreamingListener(batches)

    scenario match {
      case "words" =>
        val counts = new NumberedBatches(ssc, Input.line, records)
          .flatMap(_.split(' ')).map((_, 1L)).reduceByKey(_ + _)
        check(counts, batches)((word, amount) => Input.worth(word, amount))
      case "running" =>
        ssc.checkpoint(Files.createTempDirectory("spark-peer").toString)
        val spec = StateSpec.function((key: Long, _: Option[Long], seen: State[Long]) => {
          val amount = seen.getOption.getOrElse(0L) + 1
          seen.update(amount)
          (key, amount)
        })
        val counts = new NumberedBatches(ssc, Input.update, records).mapWithState(spec)
        counts.checkpoint(interval * checkpointBatches)
        check(counts, batches)((key, amount) => Input.worth(key, amount))
      case "max" =>
        val largest = new NumberedBatches(ssc, Input.update, records)
          .reduceByKeyAndWindow((a: Long, b: Long) => math.max(a, b), interval * windowBatches, interval)
        check(largest, batches)((key, value) => Input.worth(key, value))
    }

    ssc.start()
    batches.await()
    val times = batches.times.sorted
    def quantile(share: Double) = times((share * (times.size - 1) + 0.5).toInt)
    println("spark    %-8s %8d records/batch %12.0f records/s, processing median %8.2f ms, p99 %8.2f ms, checksum %016x"
      .format(scenario, records, records * count / (times.sum / 1000.0), quantile(0.5).toDouble,
        quantile(0.99).toDouble, batches.checksum))
    Console.flush()
    Runtime.getRuntime.halt(0) // batches that still wait are of no use
  }

  private def check[K, V](stream: DStream[(K, V)], batches: Batches)(worth: (K, V) => Long): Unit =
    Output.check(stream, batches, worth)
}

/** Apart from the listener, so that what is sent to tasks and written to a checkpoint does not refer to it. */
object Output {
  @volatile private var batches: Batches = _

  def check[K, V](stream: DStream[(K, V)], all: Batches, worth: (K, V) => Long): Unit = {
    batches = all
    stream.foreachRDD { rdd =>
      val sum = rdd.map { case (key, value) => worth(key, value) }.fold(0L)(_ + _)
      batches.add(sum)
    }
  }
}
