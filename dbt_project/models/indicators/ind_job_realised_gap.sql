{{ no_reading('job_realised_gap', 'PS') }}
