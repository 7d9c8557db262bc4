{{ no_reading('job_net_loss', 'PS') }}
