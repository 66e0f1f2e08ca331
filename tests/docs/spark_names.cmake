# SPDX-License-Identifier: BSL-1.0
#
# PAGE has each public name of the parts of Spark 3.5 that are compared: the members of these classes, without what belongs to Java
# and Scala (toJavaRDD, toString) or to clusters of several machines (preferredLocations, withResources, barrier).

set(RDD aggregate cache cartesian checkpoint coalesce collect context count countApprox countApproxDistinct countByValue
    countByValueApprox dependencies distinct filter first flatMap fold foreach foreachPartition getCheckpointFile getNumPartitions
    getStorageLevel glom groupBy id intersection isCheckpointed isEmpty iterator keyBy localCheckpoint map mapPartitions
    mapPartitionsWithIndex max min name partitioner partitions persist pipe randomSplit reduce repartition sample saveAsObjectFile
    saveAsTextFile setName sortBy sparkContext subtract take takeOrdered takeSample toDebugString toLocalIterator top treeAggregate
    treeReduce union unpersist zip zipPartitions zipWithIndex zipWithUniqueId)
set(DoubleRDDFunctions histogram mean meanApprox popStdev popVariance sampleStdev sampleVariance stats stdev sum sumApprox
    variance)
set(OrderedRDDFunctions filterByRange repartitionAndSortWithinPartitions sortByKey)
set(AsyncRDDActions collectAsync countAsync foreachAsync foreachPartitionAsync takeAsync)
set(PairRDDFunctions aggregateByKey cogroup collectAsMap combineByKey combineByKeyWithClassTag countApproxDistinctByKey countByKey
    countByKeyApprox flatMapValues foldByKey fullOuterJoin groupByKey groupWith join keys leftOuterJoin lookup mapValues
    partitionBy reduceByKey reduceByKeyLocally rightOuterJoin sampleByKey sampleByKeyExact saveAsHadoopDataset saveAsHadoopFile
    saveAsNewAPIHadoopDataset saveAsNewAPIHadoopFile saveAsSequenceFile subtractByKey values)
set(DStream cache checkpoint compute context count countByValue countByValueAndWindow countByWindow dependencies filter flatMap
    foreachRDD glom map mapPartitions persist print reduce reduceByWindow repartition saveAsObjectFiles saveAsTextFiles slice
    slideDuration transform transformWith union window)
set(PairDStreamFunctions cogroup combineByKey flatMapValues fullOuterJoin groupByKey groupByKeyAndWindow join leftOuterJoin
    mapValues mapWithState reduceByKey reduceByKeyAndWindow rightOuterJoin saveAsHadoopFiles saveAsNewAPIHadoopFiles
    updateStateByKey stateSnapshots)
set(StreamingContext addStreamingListener awaitTermination awaitTerminationOrTimeout binaryRecordsStream checkpoint fileStream
    getActive getActiveOrCreate getOrCreate getState queueStream rawSocketStream receiverStream remember removeStreamingListener
    socketStream socketTextStream sparkContext start stop textFileStream transform union)
set(StreamingListener onStreamingStarted onReceiverStarted onReceiverError onReceiverStopped onBatchSubmitted onBatchStarted
    onBatchCompleted onOutputOperationStarted onOutputOperationCompleted StatsReportListener)
set(State exists get getOption update remove isTimingOut function initialState numPartitions partitioner timeout)
set(settings spark.default.parallelism spark.task.maxFailures spark.streaming.backpressure.enabled
    spark.streaming.backpressure.initialRate spark.streaming.backpressure.pid.proportional
    spark.streaming.backpressure.pid.integral spark.streaming.backpressure.pid.derived spark.streaming.backpressure.pid.minRate
    spark.streaming.receiver.maxRate spark.streaming.receiver.writeAheadLog.enable spark.streaming.blockInterval
    spark.streaming.concurrentJobs spark.streaming.fileStream.minRememberDuration spark.streaming.stopGracefullyOnShutdown
    spark.streaming.unpersist spark.streaming.blockQueueSize spark.streaming.backpressure.rateEstimator rollingIntervalSecs
    closeFileAfterWrite allowBatching batchingTimeout spark.streaming.receiver.blockStoreTimeout
    spark.streaming.receiverRestartDelay spark.streaming.stopSparkContextByDefault spark.streaming.gracefulStopTimeout
    spark.streaming.ui.retainedBatches spark.streaming.clock spark.streaming.manualClock.jump spark.streaming.checkpoint.directory
    spark.checkpoint.compress spark.checkpoint.dir spark.cleaner.referenceTracking.cleanCheckpoints spark.io.compression.codec
    spark.ui.enabled setCheckpointDir)
set(StorageLevel MEMORY_ONLY MEMORY_ONLY_SER MEMORY_AND_DISK MEMORY_AND_DISK_SER DISK_ONLY OFF_HEAP)
set(Partitioner HashPartitioner RangePartitioner)

file(READ ${PAGE} page)
string(REGEX REPLACE "[][;]" "" page "${page}")
set(count 0)
foreach(class IN ITEMS RDD DoubleRDDFunctions OrderedRDDFunctions AsyncRDDActions PairRDDFunctions DStream PairDStreamFunctions
        StreamingContext StreamingListener State settings StorageLevel Partitioner)
    foreach(name IN LISTS ${class})
        string(REPLACE "." "\\." pattern "${name}")
        if(NOT page MATCHES "[^A-Za-z_]${pattern}[^A-Za-z_]")
            message("not on the page: ${class}, ${name}")
            set(missing TRUE)
        endif()
        math(EXPR count "${count} + 1")
    endforeach()
endforeach()
if(missing)
    message(FATAL_ERROR "the page lacks names of Spark")
endif()
message("${count} names found")
