<?php
// Asks for a webphone as the vendor's documentation does in PHP, with its curl functions. usage: fetch.php PARAMETERS
$query = http_build_query(json_decode($argv[1], true));
$curl = curl_init(getenv('WEBPHONE_BASE_URL') . '/webphone?' . $query);
curl_setopt_array($curl, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
        'Content-Type: application/json',
        'Accept: application/json',
        'Access-Token: ' . getenv('TOTALVOICE_ACCESS_TOKEN'),
    ],
]);
$answer = curl_exec($curl);
if ($answer === false) {
    fwrite(STDERR, curl_error($curl) . "\n");
    exit(1);
}
echo $answer;
